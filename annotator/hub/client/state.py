"""How far an output is on its way to the hub, for those who show it."""

from __future__ import annotations

import param

__all__ = ["HubState"]


class HubState(param.Parameterized):
    """What a view follows; changed by the sender's thread."""

    connected = param.Boolean(default=False, doc="Whether somebody is logged in.")
    paused = param.String(
        default="", doc="Why nothing is sent until somebody does something; or empty."
    )
    project = param.String(default="", doc="The project's name.")
    sent = param.Integer(default=0, bounds=(0, None), doc="Events that the hub has.")
    set_aside: param.List[list[str]] = param.List(
        default=[],
        item_type=str,
        doc="Events that the hub does not take: a line for each, with the reason.",
    )
    trouble = param.String(
        default="", doc="Why it did not work; it is tried again by itself. Or empty."
    )
    waiting = param.Integer(
        default=0, bounds=(0, None), doc="Events that are still to be sent."
    )

    @property
    def summary(self) -> str:
        """One line for a person."""
        if self.paused:
            start = "Hub: paused"
        elif self.trouble:
            start = "Hub: not reached"
        else:
            start = "Hub"
        parts = [f"{self.waiting:,} waiting"] if self.waiting or start != "Hub" else []
        parts.append(f"{self.sent:,} sent")
        if self.set_aside:
            parts.append(f"{len(self.set_aside):,} set aside")
        return f"{start}{',' if start != 'Hub' else ':'} {', '.join(parts)}"

    @property
    def details(self) -> str:
        """What there is to say beyond the one line; some lines, or none."""
        return "\n".join(
            line for line in (self.paused, self.trouble, *self.set_aside) if line
        )

    @property
    def is_good(self) -> bool:
        """Whether the hub has everything."""
        return not (self.waiting or self.paused or self.trouble or self.set_aside)
