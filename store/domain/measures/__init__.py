"""What is measured of consistency, and when that is worth saying: definitions, without a source.

    sketch       quantiles of durations, mergeable, with a stated error
    windows      minutes, hours and days that samples are summed in, and what reads them
    names        the samples that are taken
    health       the measures: what they are made of, and their formulas
    thresholds   when a measure is worth an alert; changeable
    alerts       the alerts in words that say what to do

`docs/measures.md` has the formulas for readers. Imports the standard library only.
"""
