"""Review one project: panel serve apps/annotate.py --args project.yaml."""

import sys

from annotator.app import page

page(sys.argv[1] if len(sys.argv) > 1 else None).servable(title="Annotator")
