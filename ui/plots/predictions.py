"""What the network says about the data: drawn in the way that fits the number of inputs and the task."""

from __future__ import annotations

from time import monotonic

import numpy as np
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QLabel, QMenu, QToolButton

from app.translate import tr
from engine.datasets import Dataset, column_label, columns
from engine.explanation_marks import sample_mark
from engine.snapshot import Snapshot
from ui.colors import Colors
from ui.plots.base import Panel
from ui.plots.fit import ChartView, CurveView, ScatterView
from ui.plots.images import ImagesView
from ui.plots.plane import PlaneView
from ui.plots.rows import telling_features
from ui.plots.views import PredictionView, verdict
from ui.theme import current, ui_font

INTERVAL_S = 1.0 / 15.0
"""How often the predictions are drawn at most during a run; a pause is always drawn."""
NO_ROWS = np.empty(0, np.int64)


class PredictionsPanel(Panel):
    """Boundary, value map, curve, scatter or images, and how many test rows are right."""

    key = "predictions"
    label = "Predictions"
    help = (
        "What the network says about the data at the present weights; test rows were never trained on. "
        "Rings: the rows of the present batch."
    )

    def __init__(self) -> None:
        super().__init__()
        self.view: PredictionView | None = None
        self._snapshot: Snapshot | None = None
        self._seen: Snapshot | None = None
        self._batch = NO_ROWS
        self._shown_at = 0.0
        self.note = QLabel()
        self.note.setProperty("role", "dim")
        self.note.setFont(ui_font(-2))
        self._header.addWidget(self.note)
        self.follow_button = self.add_button(tr("Follow"), tr("Show the whole of the data again"))
        self.follow_button.hide()
        self.follow_button.clicked.connect(self._on_follow_button_clicked)
        self.choice_button = self.add_button(tr("axes"), tr("Which two features are drawn"))
        self.choice_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choice_button.setStyleSheet(self.choice_button.styleSheet() + "QToolButton { padding-right: 18px; }")
        self._choices = QMenu(self)
        self._choices.aboutToShow.connect(self._on_choices_about_to_show)
        self.choice_button.setMenu(self._choices)
        self.view_action = QAction(tr("View all"), self)
        self.view_action.triggered.connect(self._on_follow_button_clicked)
        self.menu.insertAction(self.copy_action, self.view_action)
        self.menu.insertSeparator(self.copy_action)
        self.clear()

    def show_snapshot(self, snapshot: Snapshot, is_running: bool = False) -> None:
        """Draw the predictions at these weights."""
        is_fast = is_running and not snapshot.is_next_to(self._seen)
        self._seen = snapshot
        now = monotonic()
        if is_running and now - self._shown_at < INTERVAL_S:
            return
        self._shown_at = now
        dataset = snapshot.evaluator.dataset
        has_batch = sample_mark(snapshot).is_known and not is_fast
        batch = snapshot.batch if has_batch else NO_ROWS
        if self._snapshot is None or not self._is_same(self._snapshot, snapshot):
            if self.view is None or self.view.dataset is not dataset:
                self._replace_view(_make_view(dataset))
            self._snapshot, self._batch = snapshot, batch
            self._refresh()
        elif self.view is not None and not np.array_equal(batch, self._batch):
            self._batch = batch
            self.view.show_batch(batch)

    def show_theme(self, colors: Colors) -> None:
        """Take the theme's colors."""
        super().show_theme(colors)
        if self.view is not None:
            self.view.show_theme(colors)
            self._show_legend()

    def choose_features(self, across: int, up: int) -> None:
        """Draw the plane of these two features."""
        if isinstance(self.view, PlaneView) and across != up:
            self._replace_view(PlaneView(self.view.dataset, (across, up)))
            self._refresh()

    def clear(self) -> None:
        """Forget the run."""
        self._snapshot = self._seen = None
        self._batch = NO_ROWS
        self._replace_view(None)
        self.note.clear()
        self.legend.show_entries(())
        self.frame.show_words(tr("What the network says about the data appears here once it is complete"))

    def _is_same(self, old: Snapshot, new: Snapshot) -> bool:
        """Tell whether the network says the same: it is the same one with the same weights."""
        return old.evaluator is new.evaluator and np.array_equal(old.state, new.state, equal_nan=True)

    def _refresh(self) -> None:
        if self._snapshot is None or self.view is None:
            return
        evaluator, weights = self._snapshot.evaluator, self._snapshot.state
        if not evaluator.predicts:
            self.view.hide()
            self.note.setText("")
            self.legend.show_entries([], "")
            self.frame.show_words(tr("This network predicts nothing: it only makes a number small"))
            return
        self.view.show()
        self.view.show_predictions(evaluator, weights)
        self.view.show_batch(self._batch)
        self.note.setText(verdict(evaluator.dataset, evaluator, weights))
        self._show_legend()
        self.frame.show_words("")

    def _show_legend(self) -> None:
        if self.view is not None:
            self.legend.show_entries(self.view.entries(), self.view.lead())

    def _replace_view(self, view: PredictionView | None) -> None:
        if self.view is not None:
            self.frame.plot_layout().removeWidget(self.view)
            self.view.deleteLater()
        self.view = view
        self.follow_button.hide()
        self.choice_button.setVisible(isinstance(view, PlaneView) and len(view.dataset.feature_names) > 2)
        self.view_action.setVisible(isinstance(view, ChartView | PlaneView))
        if view is None:
            return
        self.frame.plot_layout().addWidget(view, 1)
        view.show_theme(current().colors)
        if isinstance(view, ChartView | PlaneView):
            view.chart.following_changed.connect(self._on_chart_following_changed)
            view.chart.menu_requested.connect(self.open_menu)

    def _on_choices_about_to_show(self) -> None:
        """Offer each feature for either axis."""
        self._choices.clear()
        view = self.view
        if not isinstance(view, PlaneView):
            return
        for place, name in enumerate((tr("Across"), tr("Up"))):
            menu = self._choices.addMenu(name)
            group = QActionGroup(menu)
            for feature, column in enumerate(columns(view.dataset)[: len(view.dataset.feature_names)]):
                other = view.features[1 - place]
                pair = (feature, other) if place == 0 else (other, feature)
                action = menu.addAction(tr(column_label(view.dataset, column)))
                action.setCheckable(True)
                action.setChecked(feature == view.features[place])
                action.setEnabled(feature != other)
                action.triggered.connect(lambda _, pair=pair: self.choose_features(*pair))
                group.addAction(action)

    def _on_follow_button_clicked(self) -> None:
        if self.view is not None:
            self.view.follow()

    def _on_chart_following_changed(self, is_following: bool) -> None:
        self.follow_button.setVisible(not is_following)


def _make_view(dataset: Dataset) -> PredictionView:
    """Choose how to draw a data set's predictions."""
    inputs = len(dataset.feature_names)
    if dataset.image_shape is not None:
        return ImagesView(dataset)
    if inputs == 1:
        return CurveView(dataset)
    if dataset.class_names or (inputs == 2 and dataset.y.shape[1] == 1):
        return PlaneView(dataset, telling_features(dataset))
    return ScatterView(dataset)
