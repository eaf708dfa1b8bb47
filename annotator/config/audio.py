"""Section `audio`: which recording a clip was cut from."""

from __future__ import annotations

import param

from annotator.config.load import is_address
from annotator.config.secrets import SecretsParameter
from annotator.config.source import SourceConfig, looks_like_path

__all__ = ["AudioConfig"]


class AudioConfig(SourceConfig):
    """Where the recordings are: one for all clips, or a column that names them.

    Give one of `path`, `uri`, `column`, `sql`, `api`, or `value` (a text whose
    kind is told by `source_type` or by its looks: an address, a path if it has
    a slash or a dot, else a column). A plain text instead of the section is the
    `value`.
    """

    SECTION = "audio"
    KINDS = ("path", "uri", "column", "sql", "api")

    api = param.String(default="", doc="Address of a service that tells the recording.")
    column = param.String(default="", doc="Column with each clip's recording.")
    fallback = param.String(
        default="", doc="Recording of the clips whose column is empty, as it stands."
    )
    path = param.String(default="", doc="Audio file of all clips.")
    prefix = param.String(
        default="", doc="Folder or address put before each recording with a slash."
    )
    property = param.String(
        default="", doc="Field of the answer to `sql` or `api` that is the recording."
    )
    response_index = param.Integer(
        default=1, bounds=(1, None), doc="Row of that answer, the first is 1."
    )
    secrets = SecretsParameter(default=None, doc="Credentials for the recordings.")
    source_type: param.Selector[str | None] = param.Selector(
        default=None,
        objects=["path", "uri", "url", "column", "sql", "api"],
        allow_None=True,
        doc="What kind of place `value` is; None: by its looks.",
    )
    sql = param.String(default="", doc="Query whose result names the recording.")
    suffix = param.String(
        default="", doc="Put behind each recording with a slash, such as a file name."
    )
    uri = param.String(default="", doc="Address (https, s3, gs) of the recording.")
    value = param.Parameter(default=None, doc="Any of these places, by its looks.")

    @classmethod
    def detect(cls, text: str) -> str:
        r"""Tell an address, path or column apart.

        Examples
        --------
        >>> [AudioConfig.detect(t) for t in ("s3://b/a.flac", "C:\\a b", "File")]
        ['uri', 'path', 'column']
        """
        if is_address(text):
            return "uri"
        return "path" if looks_like_path(text) else "column"
