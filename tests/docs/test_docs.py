"""The pages for people: what they show is what happens, and they leave nothing out that they promise to list."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Dialect

from raspc import universe
from raspc.pipelines import PIPELINES
from tests.docs import known_failures, size, size_records, tracr_comparison
from tests.docs.markdown import SCRIPTS, Block, Session, agrees, blocks_of
from tests.docs.paper_programs import PAPER
from tests.docs.tracr_records import Records
from tests.programs.corpus import CORPUS
from tests.programs.levels import parse

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROSE = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]

WHOLE = re.compile(r"^(?:builtin\.module|\w+\.(?:program|model)) ", re.MULTILINE)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
each_prose = pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)


def ir_blocks(*, whole: bool) -> list[Block]:
    blocks = [block for page in PAGES for block in blocks_of(page) if block.language == "mlir"]
    return [block for block in blocks if bool(WHOLE.search(block.text)) == whole]


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def modules_of(package: str) -> list[str]:
    files = sorted((ROOT / package).rglob("*.py"))
    return [file.relative_to(ROOT).as_posix() for file in files if file.name != "__init__.py"]


@each_page
def test_the_code_of_a_page_does_what_the_page_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    session = Session()
    for block in blocks_of(page):
        session.run(block)


def test_scripts_are_what_the_makefile_runs():
    makefile = read("Makefile")
    assert all(f"$(BIN)/python {script}\n" in makefile for script in SCRIPTS.values())


@pytest.mark.parametrize("block", ir_blocks(whole=True), ids=lambda block: block.place)
def test_ir_parses_and_verifies(block: Block):
    if block.is_elided:
        pytest.skip("a part is left out")
    module = parse(block.text)
    assert isinstance(module, ModuleOp)
    assert str(parse(str(module))) == str(module)


@pytest.mark.parametrize("block", ir_blocks(whole=False), ids=lambda block: block.place)
def test_lines_of_ir_stand_in_a_whole_module_of_the_page(block: Block):
    if block.is_elided:
        pytest.skip("a part is left out")
    whole = " ".join(_words(other.text) for other in ir_blocks(whole=True) if other.page == block.page)
    for statement in _statements(block.text):
        assert _words(statement) in whole


def _words(text: str) -> str:
    return " ".join(text.split())


def _statements(text: str) -> list[str]:
    """The ops of a block: a line that is indented goes on with the one before."""
    return re.split(r"\n(?=\S)", text.strip())


@each_prose
def test_links_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in _anchors(file), f"{page.name}: {target}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_prose
def test_files_that_a_page_names_exist(page: Path):
    for name in re.findall(r"`((?!\.venv/)[\w.-]+/[\w./-]*)`", page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), f"{page.name}: {name}"


@pytest.mark.parametrize("package", ["raspc/passes", "raspc/lowering", "raspc/runtime", "raspc/compat", "raspc/tools"])
def test_the_architecture_mentions_every_module(package: str):
    page = read("docs/architecture.md")
    missing = [name for name in modules_of(package) if f"`{name}`" not in page]
    assert not missing, f"docs/architecture.md doesn't mention {', '.join(missing)}"


def test_the_page_of_the_passes_has_every_pass_and_pipeline():
    page = read("docs/passes.md")
    missing = [name for name in universe.PASSES if f"\n## {name}\n" not in page]
    missing += [name for name in PIPELINES if f"`{name}`" not in page]
    assert not missing, f"docs/passes.md doesn't have {', '.join(missing)}"


@pytest.mark.parametrize("dialect", [factory() for factory in universe.DIALECTS.values()], ids=lambda each: each.name)
def test_the_page_of_the_dialects_has_every_op_and_attribute(dialect: Dialect):
    page = read("docs/dialects.md")
    missing = [op.name for op in dialect.operations if f"\n### {op.name}\n" not in page]
    missing += [attr.name for attr in dialect.attributes if f"`{attr.name}`" not in page]
    assert not missing, f"docs/dialects.md doesn't have {', '.join(missing)}"


def test_the_page_of_the_known_failures_has_the_table():
    page = known_failures.PAGE.read_text(encoding="utf-8")
    assert known_failures.updated(page) == page, "python -m tests.docs.known_failures brings it up to date"
    assert all(program.known_failure for program in known_failures.KNOWN_FAILURES)


def test_the_page_of_the_comparison_with_tracr_has_every_program_and_what_was_measured():
    page = tracr_comparison.PAGE.read_text(encoding="utf-8")
    records = Records.load()
    assert tracr_comparison.updated(page, records) == page, "python -m tests.docs.tracr_comparison brings it up to date"
    assert all(f"\n| `{program.name}` | {program.note}" in page.replace("\\|", "|") for program in CORPUS)
    measured = [records.programs[program.name] for program in CORPUS if records.is_current(program)]
    assert len(measured) >= 0.9 * len(CORPUS), "make tracr measures the others"
    assert {record.raspc["outcome"] for record in measured} <= {"right", "refused"}
    assert {record.tracr["outcome"] for record in measured} <= set(tracr_comparison.COLUMNS)


def test_a_comparison_belongs_to_the_program_as_it_was_measured():
    records = Records.load()
    program = next(program for program in CORPUS if records.is_current(program))
    assert not records.is_current(dataclasses.replace(program, max_seq_len=program.max_seq_len + 1))
    assert not records.is_current(dataclasses.replace(program, name="another"))


def test_the_page_of_the_sizes_has_what_was_measured():
    tracr, sizes = Records.load(), size_records.SizeRecords.load()
    assert size.PAGE.read_text(encoding="utf-8") == size.page(tracr, sizes), "make size brings it up to date"
    measured = [program for program in CORPUS if sizes.of(program) is not None]
    assert len(measured) >= 0.9 * len(CORPUS), "make size measures the others"


def test_the_plot_of_the_sizes_shows_the_programs_of_the_page():
    compared = size_records.pairs(Records.load(), size_records.SizeRecords.load())
    plot = (size.PAGE.parent / size.PLOT).read_text(encoding="utf-8")
    assert f">{size_records.digest(compared)}<" in plot, "make size brings it up to date"
    assert size_records.digest(compared[1:]) != size_records.digest(compared)


def test_sizes_belong_to_the_program_as_it_was_measured():
    sizes = size_records.SizeRecords.load()
    program = next(program for program in CORPUS if sizes.of(program) is not None)
    assert sizes.of(dataclasses.replace(program, max_seq_len=program.max_seq_len + 1)) is None
    assert sizes.of(dataclasses.replace(program, name="another")) is None


def test_why_a_model_is_larger_than_the_paper_counts_stands_only_where_it_is():
    paper = next(each for each in PAPER if each.why)
    at_count = {size_records.LEVEL: {"n_layers": paper.n_layers, "n_heads": paper.n_heads}}
    above = {size_records.LEVEL: {"n_layers": paper.n_layers + 1, "n_heads": paper.n_heads}}
    assert size.why(paper, size_records.SizeRecord("", at_count, [])) == ""
    assert size.why(paper, size_records.SizeRecord("", above, [["sum"]])) == (
        f"{paper.why} Layers without a head compute: `sum`."
    )


def test_an_ellipsis_stands_for_what_is_left_out():
    assert agrees("a\nb …\n", "a\nb c\n")
    assert agrees("a\n…\nz\n", "a\nb\nc\nz\n")
    assert agrees("a\n…\nz\n", "a\nz\n")
    assert agrees("f(…) : …\n", "f(1, 2) : x  \n\n")
    assert not agrees("a …\n", "b c\n")
    assert not agrees("a …\n", "a b\nc\n")
    assert not agrees("a\n", "a b\n")
