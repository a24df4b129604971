"""``python -m rum_llm_correlation doctor``: what keeps a session away from the spans of the server in this folder."""

from __future__ import annotations

import sys

from .doctor import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
