"""The arrangement: table, info card, player, form; and the keys of it all.

```
wide                              narrow, or in a notebook
┌────────┬──────────────────┐     ┌──────────────┐
│ clips  │ info card        │     │ clips        │
│        ├──────────────────┤     ├──────────────┤
│        │ player           │     │ info card    │
│        ├──────────────────┤     │ player       │
│        │ form        Sync │     │ form    Sync │
└────────┴──────────────────┘     └──────────────┘
```
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import panel as pn
import param
from panel.custom import Child, JSComponent

from annotator.views import theme
from annotator.views.clip_table import ClipTableView
from annotator.views.escape import markdown_html, plain
from annotator.views.form import ReviewForm
from annotator.views.info import InfoCard
from annotator.views.kit import Kit
from annotator.views.notice import NoticeBar
from annotator.views.player import PlayerView
from annotator.views.stage import Stage
from annotator.views.sync import SyncAction, SyncView

if TYPE_CHECKING:
    from annotator.config.project import AnnotatorConfig
    from annotator.review.overview import Overview
    from annotator.review.prepare import ClipLoader
    from annotator.review.session import ReviewSession
    from annotator.views.capture import CaptureAction

__all__ = ["Dashboard", "KeyboardArea"]

_HERE = Path(__file__).parent
_LOOK_AGAIN = 3.0  # s
_KEYS = (
    ("Space", "play"),
    ("+ - 0", "zoom"),
    ("↑ ↓", "clips"),
    ("1-9", "answer"),
    ("Enter", "submit"),
    ("Ctrl+Z", "undo"),
)
_MARKING_KEYS = (("B", "mark"), ("Del", "unmark"), ("P", "play what is marked"))
_LEGEND_CSS = """
.keys { display: flex; gap: 14px; color: var(--muted); font-size: 11.5px; justify-content: flex-end; padding: 0 4px; }
kbd { font: inherit; border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; margin-right: 4px; }
"""


class KeyboardArea(JSComponent):
    """The dashboard's keys; see keyboard.js."""

    content = Child(doc="What the keys are for.")
    player = param.String(default="", doc="Name of the player in the document.")

    _esm = _HERE / "keyboard.js"
    _stylesheets: ClassVar[list[str]] = [
        ":host { container: annotator / inline-size; display: block; }"
    ]

    def __init__(self, *, stage: Stage, **params: Any) -> None:
        super().__init__(**params)
        self._stage = stage

    def _get_model(
        self, doc: Any, root: Any = None, parent: Any = None, comm: Any = None
    ) -> Any:
        if comm is not None:  # a notebook, whose browser says when it is ready
            self._stage.hold()
        return super()._get_model(doc, root, parent, comm)

    def put_in_anew(self) -> None:
        """Send everything as it is now.

        A notebook that is loaded again shows what its file holds, the first moment,
        and would take each later change for one of that.
        """
        content = self.content
        self.content = pn.Spacer()
        self.content = content


class Dashboard(pn.viewable.Viewer):
    """One view of a review. Each call of `open` or each page makes its own."""

    def __init__(  # noqa: PLR0913 - keyword-only, the parts of a review
        self,
        session: ReviewSession,
        *,
        config: AnnotatorConfig,
        loader: ClipLoader,
        overview: Overview,
        captures: CaptureAction,
        material: bool,
        sync: SyncAction | None = None,
        description: str = "",
    ) -> None:
        super().__init__()
        self.stage = Stage()
        kit, look = Kit(material=material), config.view
        stage = self.stage
        # First, as it follows the session first: a clip's picture goes ahead of the rest.
        self.player = PlayerView(
            session,
            loader=loader,
            kit=kit,
            stage=stage,
            resolutions=look.resolutions,
            overview=overview,
            captures=captures,
            height=_player_height(look, material=material),
        )
        self.table = ClipTableView(
            session, kit=kit, stage=stage, height=look.clip_table_height
        )
        self.info = InfoCard(
            session,
            kit=kit,
            stage=stage,
            title=look.info_card_title,
            text=look.info_card_text,
            height=look.info_card_height,
        )
        self.form = ReviewForm(
            session,
            kit=kit,
            stage=stage,
            sync=SyncView(sync, kit=kit, stage=stage) if sync is not None else None,
            height=look.form_panel_height,
            duplicates=look.duplicate_entries,
            add_region=self.player.marks.add_in_sight,
        )
        # What others write to the same output meanwhile, and edits by hand.
        stage.every(_LOOK_AGAIN, session.refresh)
        self._session = session
        self._keyboard = KeyboardArea(
            stage=stage,
            content=pn.Column(
                *self._description(config, description),
                NoticeBar(session, kit=kit, stage=stage),
                pn.Column(
                    self.table,
                    self.info,
                    self.player,
                    self.form,
                    stylesheets=[theme.GRID_CSS],
                    sizing_mode="stretch_width",
                    margin=0,
                ),
                _legend(marks=session.form.marks),
                sizing_mode="stretch_width",
                margin=0,
            ),
            player=self.player.sound.name_in_document,
            css_classes=["annotator"],
            sizing_mode="stretch_width",
            margin=theme.GAP,
        )
        self._keyboard.on_msg(lambda event: self._on_key(event.data))

    def __panel__(self) -> Any:
        return self._keyboard

    def _description(self, config: AnnotatorConfig, text: str) -> list[Any]:
        if not text:
            return []
        title = config.description.title or "About this project"
        opened = " open" if config.description.open else ""
        html = (
            f"<section><details{opened}><summary>{plain(title)}</summary>"
            f"{markdown_html(text)}</details></section>"
        )
        css = "section > details { display: block; margin: 0; }"
        return [
            pn.pane.HTML(
                html,
                stylesheets=[theme.CSS, css],
                css_classes=["description"],
                sizing_mode="stretch_width",
            )
        ]

    def _on_key(self, key: str) -> None:
        if key == "shown":
            if not self.stage.release():
                self._keyboard.put_in_anew()
        elif key == "next":
            self._session.next()
        elif key == "previous":
            self._session.previous()
        elif key == "submit":
            self.form.submit()
        elif key == "undo":
            self.form.undo()
        elif isinstance(key, str) and key.isdigit():
            self.form.choose(int(key))


def _player_height(look: Any, *, material: bool) -> int | None:
    """Height as configured; where it was left alone, a page uses its room."""
    default = look.param["player_height"].default
    if material and look.player_height == default:
        return None
    return int(look.player_height)


def _legend(*, marks: bool) -> Any:
    wanted = (*_MARKING_KEYS, *_KEYS) if marks else _KEYS
    keys = "".join(f"<span><kbd>{key}</kbd>{what}</span>" for key, what in wanted)
    return pn.pane.HTML(
        f'<div class="keys">{keys}</div>',
        stylesheets=[theme.CSS, _LEGEND_CSS],
        sizing_mode="stretch_width",
        margin=(2, 0),
    )
