"""The page in a real browser: Debian's `chromium`, driven by `playwright` from PyPI."""

import re
import shutil

import pytest
from leaky_reports import FINDING, GAP, NASTY, RULE, full, large, report

from scanner.model import Severity, Suppression
from scanner.report.html.page import render

pytestmark = pytest.mark.slow
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
MOST = 2.0  # times what a plain table takes


@pytest.fixture(scope="module")
def browser():
    if not BROWSER:
        pytest.skip("there is no chromium on the PATH")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Reports as pages in files, by name."""
    why = Suppression("baseline", "a dead test key", "Ann", "2026-01-05", "2027-01-01")
    severe = FINDING._replace(
        fingerprint="c" * 40, rule=RULE._replace(severity=Severity.CRITICAL, name="Zinc key")
    )
    kept = FINDING._replace(suppressions=(why,))
    reports = {
        "0": report(gaps=[GAP]),
        "1": report(FINDING),
        "2": report(severe, FINDING, suppressed=(kept,)),
        "300": large(300)._replace(suppressed=(kept,)),
        "5000": large(5000),
        "hostile": full("".join(NASTY)),
    }
    pages = {name: render(of, show_secrets=False) for name, of in reports.items()}
    row = "<tr>" + 8 * "<td>conf/app.env"
    pages["plain"] = "<!doctype html><meta charset=utf-8><table>" + 5000 * row
    folder = tmp_path_factory.mktemp("pages")
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in pages}


@pytest.fixture
def opened(browser, saved):
    """Opens a page; fails at the end if the browser complained or asked for anything else."""
    trouble, asked, contexts, opened_pages = [], [], [], set()

    def open_(name, path="", **options):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: trouble.append(dialog.message))
        opened_pages.add(saved[name])
        page.goto(saved[name] + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []
    assert {url.partition("#")[0] for url in asked if not url.startswith("data:")} <= opened_pages


def says(page, words):
    """Wait until the number of findings shown is told in these words."""
    from playwright.sync_api import expect

    expect(page.locator(".leaks output")).to_have_text(words)


def names(page, column=2):
    return page.locator(f".leaks tbody tr:visible td:nth-child({column})").all_text_contents()


@pytest.mark.parametrize("count", ["0", "1", "5000"])
def test_it_opens_as_soon_as_a_plain_table_of_five_thousand(opened, count, record_property):
    """That takes a browser about a second; `-s` shows what it took."""
    processor, clock = cost(opened, count)
    plain, _ = cost(opened, "plain")
    record_property("processor_seconds", processor)
    record_property("clock_seconds", clock)
    print(f"{count} findings: {processor:.2f} s of processor, {clock:.2f} s on the clock", end="; ")
    print(f"a plain table: {plain:.2f} s of processor")
    assert processor < MOST * plain


def cost(opened, name):
    # The processor time of the page's process, from its start until the first frame after all is
    # loaded. Parsing and layout run one after the other, so on an idle machine it is at least what
    # passes on the clock; on a busy one the clock also counts waiting for others.
    costs = []
    for _ in range(3):
        page = opened(name)
        client = page.context.new_cdp_session(page)
        client.send("Performance.enable")
        clock = page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() =>"
            " setTimeout(() => done(performance.now() / 1000))))"
        )
        metrics = client.send("Performance.getMetrics")["metrics"]
        costs.append((next(m["value"] for m in metrics if m["name"] == "ProcessTime"), clock))
        page.close()
    return min(costs)


def test_hostile_names_do_nothing(opened):
    page = opened("hostile")
    page.locator(".leaks").get_by_role("button", name="Open all").click()
    assert page.locator("img, iframe, a[href^=javascript]").count() == 0


def test_everything_can_be_read_with_scripts_blocked(opened):
    page = opened("2", java_script_enabled=False)
    assert len(names(page)) == 2
    assert not page.locator(".tools").first.is_visible()
    assert not page.get_by_text("Make a second key").first.is_visible()
    page.locator("#f1 summary").click()
    assert page.locator("#f1").get_by_text("Make a second key").is_visible()
    assert page.locator(".suppressed").get_by_text("a dead test key").first.is_visible()


def test_it_sorts_by_every_column_both_ways(opened):
    page = opened("300")
    buttons = page.locator(".leaks th button")
    assert buttons.count() == 10
    for number in range(buttons.count()):
        heading = page.locator(".leaks th").nth(number)
        buttons.nth(number).click()
        once = page.evaluate("[...document.querySelector('.leaks tbody').rows].map(r => r.id)")
        state = heading.get_attribute("aria-sort")
        assert state == ("descending" if number in (0, 8, 9) else "ascending")
        assert page.locator(".leaks th[aria-sort]").count() == 1
        buttons.nth(number).click()
        again = page.evaluate("[...document.querySelector('.leaks tbody').rows].map(r => r.id)")
        assert heading.get_attribute("aria-sort") != state
        assert once != again
        assert sorted(once) == sorted(again)
    buttons.first.click()
    levels = names(page, 1)
    ranks = [["critical", "high", "medium", "low"].index(level) for level in levels]
    assert ranks == sorted(ranks)


def test_it_searches_and_filters_and_says_how_many_are_left(opened):
    page = opened("300")
    status = page.locator(".leaks").get_by_role("status")
    page.locator(".leaks").get_by_role("searchbox").fill("ZOË bolt")
    says(page, re.compile(" of "))
    shown = page.locator(".leaks tbody tr:visible").count()
    assert status.inner_text() == f"{shown} of 300 findings"
    assert 0 < shown < 300
    assert all("Bolt" in name for name in names(page))
    page.locator(".leaks").get_by_label("high", exact=True).uncheck()
    says(page, re.compile(rf"^(?!{shown} )\d+ of "))
    assert "high" not in names(page, 1)
    page.locator(".leaks").get_by_role("searchbox").fill("nothing of the kind")
    page.get_by_text("No finding is like that.").first.wait_for()
    page.locator(".leaks").get_by_role("button", name="Show all").click()
    says(page, "300 findings")
    assert page.locator(".leaks tbody tr:visible").count() == 300


def test_all_of_it_works_from_the_keyboard(opened):
    page = opened("2")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the leaks"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("zinc")
    says(page, "1 of 2 findings")
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        seen.append(page.evaluate("document.activeElement.tagName"))
        if seen[-1] == "SUMMARY":
            break
    assert seen.count("BUTTON") == 13
    page.keyboard.press("Enter")
    assert page.locator("#f1").get_by_text("Fingerprint").is_visible()


def test_a_link_to_a_finding_opens_it_whatever_the_filters(opened):
    page = opened("5000", "#f4321")
    assert page.locator("#f4321").get_by_text("Fingerprint").is_visible()
    page = opened("2")
    page.locator(".leaks").get_by_role("searchbox").fill("zinc")
    says(page, "1 of 2 findings")
    page.locator(".lives a").last.click()
    page.locator("#f2").get_by_text("Fingerprint").wait_for()
    assert page.locator(".leaks output").inner_text() == "2 findings"


def test_tables_and_controls_have_names(opened):
    page = opened("2")
    tree = page.locator("body").aria_snapshot()
    for line in (
        'heading "2 leaks in acme" [level=1]',
        'img "Number of readable secrets over time"',
        'table "Severity"',
        "searchbox",
        'checkbox "critical" [checked]',
        'button "Open all"',
        'table "Leaks 2"',
        'columnheader "First place"',
        'cell "acm…[14 characters]"',
    ):
        assert line in tree, line
    assert not re.search(r"- (button|link|checkbox|table|img)(:|$)", tree, re.MULTILINE)


def test_nothing_runs_over_the_edge_of_a_narrow_window(opened):
    page = opened("2")
    page.set_viewport_size({"width": 400, "height": 800})
    page.locator(".leaks [data-act=open]").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_print_shows_the_details_and_no_controls(opened):
    page = opened("2")
    page.emulate_media(media="print")
    assert page.locator("#f1").get_by_text("Fingerprint").is_visible()
    assert not page.locator(".tools").first.is_visible()
