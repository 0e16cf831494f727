"""Remote models: rows go out in pieces, every answer comes back to its row, or a reason does.

`_pieces` cuts rows and puts answers in order, `_calls` sends one request until it is answered or
must be given up, `_pace` slows all workers down together, `_transport` is the one file that knows
urllib3.
"""
