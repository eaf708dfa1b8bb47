"""The client of a hub: log in, and what is recorded here appears there.

::

    access      login, logout, session: what a person calls
    catalog     annotator.projects
    project     a project, its snapshots; sides: `remote` (a hub) and `local` (this machine)
    client      what this process knows: the login, and the outputs to send
    sender      the thread that sends; one for each login
    outbox      an output's event log and the cursor behind what was sent of it
    transport   requests and their errors; `bearer` holds the token, `address` the rules
"""
