"""All actions of the window in one table: words, icons, keys and the menu where each stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionSpec:
    """One action. `keys` hold in the whole window, `canvas_keys` on the canvas; one of a `group` is checked.

    One that `repeats` is done again and again while its key is held down.
    """

    name: str
    label: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    canvas_keys: tuple[str, ...] = ()
    help: str = ""
    checkable: bool = False
    repeats: bool = False
    group: str = ""


SEPARATOR = None
_PAUSE = "A breakpoint: each run pauses before this pass comes to the selected nodes"

FILE = (
    ActionSpec("new", "New", "new", ("Ctrl+N",), help="Begin with an empty canvas"),
    ActionSpec("open", "Open…", "open", ("Ctrl+O",), help="Open a .bplab file"),
    ActionSpec("open-recent", "Open Recent"),
    ActionSpec("examples", "Examples…", "examples", ("Ctrl+E",), help="Choose one of the shipped networks"),
    SEPARATOR,
    ActionSpec("save", "Save", "save", ("Ctrl+S",), help="Save the network, its weights and the run"),
    ActionSpec("save-as", "Save As…", "", ("Ctrl+Shift+S",)),
    SEPARATOR,
    ActionSpec("quit", "Quit", "", ("Ctrl+Q",)),
)
EDIT = (
    ActionSpec("undo", "Undo", "undo", ("Ctrl+Z",), repeats=True),
    ActionSpec("redo", "Redo", "redo", ("Ctrl+Shift+Z", "Ctrl+Y"), repeats=True),
    SEPARATOR,
    ActionSpec("duplicate", "Duplicate", "duplicate", ("Ctrl+D",)),
    ActionSpec("delete", "Delete", "delete", canvas_keys=("Del", "Backspace")),
    ActionSpec("select-all", "Select All", "", canvas_keys=("Ctrl+A",)),
    SEPARATOR,
    ActionSpec(
        *("pin", "Pin Parameters", "pin"),
        canvas_keys=("P",),
        help="Keep the numbers of the selected nodes: g is still computed, the update leaves them out",
    ),
)
VIEW = (
    ActionSpec("zoom-in", "Zoom In", "zoom-in", ("Ctrl++", "Ctrl+="), repeats=True),
    ActionSpec("zoom-out", "Zoom Out", "zoom-out", ("Ctrl+-",), repeats=True),
    ActionSpec("zoom-reset", "Actual Size", "", ("Ctrl+0",)),
    ActionSpec("fit", "Fit Network", "fit", canvas_keys=("F",)),
    ActionSpec("fit-selection", "Fit Selection", "", canvas_keys=(".",)),
    SEPARATOR,
    ActionSpec("show-palette", "Palette", "", ("Ctrl+Alt+1",), checkable=True),
    ActionSpec("show-side", "Side Panel", "", ("Ctrl+Alt+2",), checkable=True),
    ActionSpec("show-plots", "Plots", "", ("Ctrl+Alt+3",), checkable=True),
    ActionSpec("reset-layout", "Reset Layout"),
    SEPARATOR,
    ActionSpec("theme-system", "System Theme", checkable=True, group="theme"),
    ActionSpec("theme-light", "Light Theme", checkable=True, group="theme"),
    ActionSpec("theme-dark", "Dark Theme", checkable=True, group="theme"),
)
NETWORK = (
    ActionSpec("add-node", "Add Node"),
    ActionSpec(
        "quick-add", "Add Node by Name…", "plus", canvas_keys=("A",), help="Type a part of a name; also double-click"
    ),
    ActionSpec(
        *("connect", "Connect"),
        canvas_keys=("C",),
        help="Connect two selected nodes, or begin a wire at the selected one: arrows aim it, Enter draws it",
    ),
    ActionSpec("arrange", "Arrange", "", ("Ctrl+L",), help="Lay the network out from left to right"),
    SEPARATOR,
    ActionSpec("break-forward", "Pause before Forward", canvas_keys=("B",), help=_PAUSE, checkable=True),
    ActionSpec("break-backward", "Pause before Backward", canvas_keys=("Shift+B",), help=_PAUSE, checkable=True),
    ActionSpec("clear-breakpoints", "Clear All Breakpoints", help="No run pauses before a node any more"),
    SEPARATOR,
    ActionSpec("experiment", "Data and Training Settings", "settings", ("Ctrl+,",)),
)
TRAIN = (
    ActionSpec("run", "Run", "run", ("F5",), help="Train until paused; Space on the canvas"),
    ActionSpec("run-steps", "Run Steps…", keys=("Ctrl+F5",), help="Train for so many steps, and pause"),
    ActionSpec("run-to-step", "Run to Step…", keys=("Ctrl+Shift+F5",), help="Train or go back to a step, and pause"),
    ActionSpec("run-to-here", "Run to Here", help="Train until the next micro-step comes to the selected node"),
    SEPARATOR,
    ActionSpec(
        *("step", "Step", "step", ("Ctrl+Right",)),
        help="One whole step: sample, forward, loss, backward, update",
        repeats=True,
    ),
    ActionSpec(
        *("next-phase", "Next Phase"),
        canvas_keys=("Shift+Right",),
        help="On to the end of this phase, or of the next one",
        repeats=True,
    ),
    ActionSpec(
        "micro-step", "Micro-step", "micro-step", ("F6",), ("Right",), help="The next instruction only", repeats=True
    ),
    SEPARATOR,
    ActionSpec(
        *("compute-gradient", "Compute g Only", "", ("F7",)),
        help="Phases 1 to 4 of the present step: g is there, and no weight changes",
    ),
    ActionSpec(
        *("apply-gradient", "Apply g", "", ("F8",)),
        help="Phase 5 alone: the optimizer turns g into Δw and adds it; after a step, the same g once more",
    ),
    ActionSpec(
        *("redraw", "Draw Another Batch", "", ("Shift+F7",)),
        help="Other rows at the same weights; what is computed of the present step is given up",
    ),
    SEPARATOR,
    ActionSpec("previous", "Previous Step", "previous", ("Ctrl+Left",), help="Back in time by a step", repeats=True),
    ActionSpec(
        *("previous-phase", "Previous Phase"),
        canvas_keys=("Shift+Left",),
        help="Back in time to the beginning of the phase",
        repeats=True,
    ),
    ActionSpec("previous-micro-step", "Previous Micro-step", "", ("Shift+F6",), ("Left",), repeats=True),
    ActionSpec("start", "Go to Start", canvas_keys=("Home",), help="Back in time to the first step that is kept"),
    ActionSpec("now", "Back to Now", canvas_keys=("End",), help="Return from the past to the last step"),
    ActionSpec("resume", "Resume Here", help="Begin a branch here with what is in the slots now; the old curves stay"),
    SEPARATOR,
    ActionSpec(
        *("reset", "Same init", "reset", ("Ctrl+R",), ("R",)),
        help="Back to step 0 with the same initial weights: the run repeats itself",
    ),
    ActionSpec(
        *("new-weights", "New init", "new-init", ("Ctrl+Shift+R",)),
        help="Back to step 0 with other initial weights: another seed",
    ),
    SEPARATOR,
    ActionSpec(
        "slow-start", "Slow First Step", help="The first run of a document begins in slow motion", checkable=True
    ),
)
HELP = (
    ActionSpec("idea", "Backpropagation and SGD", "info", ("F1",), help="The idea that this program is about"),
    ActionSpec("shortcuts", "Keyboard Shortcuts", "", ("Ctrl+/",), ("?",)),
    ActionSpec("errors", "Error Log…"),
    SEPARATOR,
    ActionSpec("about", "About Backprop Lab"),
)
MENUS: tuple[tuple[str, tuple[ActionSpec | None, ...]], ...] = (
    ("&File", FILE),
    ("&Edit", EDIT),
    ("&View", VIEW),
    ("&Network", NETWORK),
    ("&Train", TRAIN),
    ("&Help", HELP),
)
SPECS = tuple(spec for _, specs in MENUS for spec in specs if spec is not None)
MOUSE_AND_CANVAS_KEYS = (
    ("Space", "Run or pause, on the canvas"),
    ("Space + drag, middle drag", "Move the view"),
    ("Wheel", "Zoom at the pointer"),
    ("Click in a plot over steps", "Go to that step"),
    ("Arrows", "With nodes selected: move them by 8, with Shift by 1"),
    ("Alt+Right, Alt+Left", "Follow a wire forward or back"),
    ("Alt+Up, Alt+Down", "Go to the other ends of that wire"),
    ("Double-click", "Add a node by name, on an empty place"),
    ("Wire to an empty place", "Add a node that it fits"),
    ("Drop a node on a wire", "Put it in between; with Alt not"),
    ("Tab", "Go to the next part of the window"),
    ("Esc", "Cancel a wire, clear the selection"),
    ("W", "Watch the chosen number of a matrix, or stop"),
    ("Enter, double-click", "Type another w in place of the chosen one"),
    ("Ctrl+C, Ctrl+V", "On a matrix: copy w as a table, or paste into it"),
)
"""What is done without an action, for the sheet of shortcuts."""

RUN_ACTIONS = frozenset(
    {"run", "run-to-here", "step", "next-phase", "micro-step", "previous", "previous-phase", "previous-micro-step"}
    | {"start", "now", "resume", "reset", "new-weights", "compute-gradient", "apply-gradient", "redraw"}
)
"""What makes the run go, on or back."""
SMALL_STEPS = frozenset({"micro-step", "next-phase", "compute-gradient"})
"""What is done to look at the numbers of a step."""
