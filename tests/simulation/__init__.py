"""Whole worlds in one process: people with homes, a server, and a network that does its worst.

A world is made from one number, its seed. Everything in it is the product's own code on real
SQLite and Automerge: `Replica`, `Scheduler`, `Engine`, the server's `Service` and its examining
child. Only what the world outside would decide comes from the seed:

    time        one clock for the event loop, which jumps to what happens next; each home and the
                server have a wall clock besides, years off, set forth and back (`virtual_time`)
    threads     work given to a thread is done a moment later, in an order that the seed decides
    network     every message is lost, repeated, late, cut, altered, or answered by somebody else;
                a reply may be lost after the commit, or a lie with a sound digest (`network`)
    storage     every SQL statement may fail with a full disk or an I/O error, or be the last
                one that the process did (`storage`)
    peers       some devices serve, and others sync with them beside the server (`lan`)
    people      2 to 7, who edit, settle, undo, type, reserve, pay, sync; homes and the server are
                killed, restored from backups and copied, a member sends rubbish (`acts`, `hostile`)

Then everything is mended, and the oracle looks (`oracle`): same heads, same items, same conflicts,
every acknowledged edit there, nothing twice, within a bounded number of rounds.

`make simulate RUNS=… SEED=…` runs worlds; a seed that fails is printed and becomes a plain test.
"""
