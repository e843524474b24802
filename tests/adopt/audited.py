"""Repositories that the page on audits is tried on."""

from desk import token, write

URL = "postgresql://shop:{}@db.acme.io/shop"
WORD = token("audited")[4:20]


def served(desk):
    """Make two bare repositories with a secret in common; return their paths."""
    made = []
    for name in ("app", "warehouse"):
        work = desk.repository(f"{name} work")
        write(work / "settings.env", f"DATABASE_URL={URL.format(WORD)}\n")
        desk.git(work, "add", "-A")
        desk.git(work, "commit", "-qm", "Add settings")
        if name == "app":
            write(work / "settings.env", f"DATABASE_URL={URL.format('${PASSWORD}')}\n")
            desk.git(work, "commit", "-qam", "Take the password from the environment")
        path = desk.folder / f"{name}.git"
        desk.git(desk.folder, "clone", "-q", "--bare", work, path)
        made.append(path)
    return made
