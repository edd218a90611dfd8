"""How sound moves along sends, channel by channel."""

from __future__ import annotations

import pytest

from stemkit.model.session import ChannelRange
from stemkit.session.channels import Flow, sounding_channels
from stemkit.session.edges import RawEdge

FLOW = Flow(channel_counts=(8, 8, 2), has_effects=(False, False, False))  # a source, a bus, the master


@pytest.mark.parametrize(
    ("source", "destination", "sounding", "arrives"),
    [
        ((0, 2), (0, 2), 0b11, 0b11),
        ((0, 2), (2, 2), 0b11, 0b1100),  # onto a sidechain
        ((2, 2), (0, 2), 0b1100, 0b11),
        ((2, 2), (0, 2), 0b0011, 0),  # what sounds is not what is sent
        ((2, 1), (0, 2), 0b0011, 0),  # one channel, and none of those that sound
        ((2, 1), (0, 2), 0b0100, 0b11),  # one channel spreads over two
        ((0, 2), (3, 1), 0b10, 0b1000),  # two are summed into one
        ((0, 4), (2, 4), 0b1010, 0b101000),
        ((0, 2), (7, 2), 0b11, 0b10000000),  # the second lies behind the last channel of the bus
    ],
)
def test_sound_moves_along_a_send(
    source: tuple[int, int], destination: tuple[int, int], sounding: int, arrives: int
) -> None:
    ranges = [ChannelRange(first=first, count=count) for first, count in (source, destination)]
    way = RawEdge(source=0, destination=1, source_channels=ranges[0], destination_channels=ranges[1], closed=False)
    assert sounding_channels([way], (sounding, 0, 0), FLOW) == [sounding, arrives, 0]
