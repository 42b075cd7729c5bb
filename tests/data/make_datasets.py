"""Write resources/datasets/*.csv from the copies inside scikit-learn; run once, by hand, and never by the tests.

    python -m venv sklearn-venv && sklearn-venv/bin/pip install scikit-learn==1.9.1
    python tests/data/make_datasets.py sklearn-venv/lib/python3.*/site-packages/sklearn/datasets/data

scikit-learn is no dependency of the project, so the result is kept. Sources: resources/datasets/README.md.
"""

import csv
import gzip
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "resources" / "datasets"


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    """Write one table: a line of column names, then one line a row."""
    lines = [",".join(line) for line in [header, *rows]]
    (FOLDER / name).write_bytes(("\n".join(lines) + "\n").encode("ascii"))


def write_iris(source: Path) -> None:
    """Write the flowers with the names of their species in place of numbers."""
    first, *rows = csv.reader((source / "iris.csv").read_text("ascii").splitlines())
    species = first[2:]
    header = ["sepal_length", "sepal_width", "petal_length", "petal_width", "class"]
    write("iris.csv", header, [[*row[:-1], species[int(row[-1])]] for row in rows])


def write_digits(source: Path) -> None:
    """Write the digits with their pixels as whole numbers."""
    with gzip.open(source / "digits.csv.gz", "rt", encoding="ascii") as file:
        rows = [[str(int(float(word))) for word in row] for row in csv.reader(file)]
    write("digits.csv", [*(f"pixel_{row}_{column}" for row in range(8) for column in range(8)), "class"], rows)


if __name__ == "__main__":
    write_iris(Path(sys.argv[1]))
    write_digits(Path(sys.argv[1]))
