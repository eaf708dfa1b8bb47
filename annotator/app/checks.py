"""Everything that keeps a project from being reviewed, found before it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from annotator.app.assembly import load_form
from annotator.config.load import is_address
from annotator.config.project import AnnotatorConfig
from annotator.errors import AnnotatorError, ConfigError
from annotator.sources.clips import ClipTable
from annotator.sources.recordings import Recordings
from annotator.sources.table import load_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["problems_of", "problems_of_file"]

_MOST_SHOWN = 5


def problems_of_file(file: str) -> list[str]:
    """Return one sentence for each thing that is wrong with a project file."""
    try:
        config = AnnotatorConfig.load(file)
        frame = load_table(config.data, config.resolve_path, auth=config.auth("data"))
    except ConfigError as err:
        return list(err.problems)
    except AnnotatorError as err:
        return [str(err)]
    return problems_of(config, frame)


def problems_of(config: AnnotatorConfig, frame: pd.DataFrame) -> list[str]:
    """Return one sentence for each thing that is wrong with a configuration.

    Parameters
    ----------
    config
        The configuration.
    frame
        Its table of clips.
    """
    problems: list[str] = []
    for check in (load_form, _check_clips):
        try:
            check(config, frame)
        except ConfigError as err:
            problems += err.problems
        except AnnotatorError as err:
            problems.append(str(err))
    return list(dict.fromkeys(problems))


def _check_clips(config: AnnotatorConfig, frame: pd.DataFrame) -> None:
    """Check that clips can be told apart and that local recordings are there."""
    recordings = Recordings(config.audio, config.resolve_path)
    ClipTable(frame, recordings, index_column=config.data.index_column)
    column = recordings.column
    cells = [None] if column is None else frame[column].drop_duplicates().tolist()
    missing = [
        f"There is no recording {name}"
        for name in (recordings.resolve({column or "": cell}) for cell in cells)
        if not is_address(name) and not Path(name).expanduser().is_file()
    ]
    if len(missing) > _MOST_SHOWN:
        missing[_MOST_SHOWN:] = [
            f"... and {len(missing) - _MOST_SHOWN} more recordings"
        ]
    if missing:
        raise ConfigError(*missing)
