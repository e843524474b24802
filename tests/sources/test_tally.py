from scanner.sources.tally import Tally


def test_a_crowd_of_one_code_is_counted_and_keeps_its_weight():
    tally = Tally()
    for number in range(150):
        tally.skip("archive-corrupt", f"blob {number}", "gzip: cut short", incomplete=False)
    coverage = tally.coverage()
    assert len(coverage.skipped) == 101
    assert coverage.skipped[-1].subject == "50 more"
    assert coverage.skipped[-1].detail == "of the same kind"
    assert coverage.complete
    tally.skip("archive-corrupt", "blob", "a limit", incomplete=True)
    assert not tally.coverage().complete


def test_time_limit_is_noted_once():
    tally = Tally(seconds=0)
    assert tally.expired()
    assert tally.expired()
    assert [s.code for s in tally.coverage().skipped] == ["time-limit"]
    assert not Tally().expired()


def test_counts_and_bytes():
    tally = Tally()
    tally.read("blobs", 3)
    tally.read("blobs", 4)
    assert tally.coverage().counts == {"blobs": 2}
    assert tally.coverage().bytes_read == 7
