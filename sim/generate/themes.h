// SPDX-License-Identifier: GPL-2.0-or-later
// The themes: each writes scenarios of one kind.
#pragma once

#include "sim/generate/bench.h"

namespace sim::generate {

// Data: what reads, writes, discards and flushes do.
void plain_io(Bench& bench);
void discards(Bench& bench);
void large_blocks(Bench& bench);
void flush_counts(Bench& bench);
void hydration(Bench& bench);

// Devices: what dmsetup does with them.
void lifecycle(Bench& bench);
void waiting_io(Bench& bench);
void replacement(Bench& bench);
void listing(Bench& bench);
void commands(Bench& bench);

// Words: tables and messages, right and wrong.
void clone_tables(Bench& bench);
void companion_tables(Bench& bench);
void messages(Bench& bench);
void numbers_of_tables(Bench& bench);

// Stacks: companions above and below a clone, and clones of clones.
void stacks(Bench& bench);
void queue_limits(Bench& bench);
void several_clones(Bench& bench);

// Failures of the source, the destination, the metadata.
void failing_source(Bench& bench);
void failing_destination(Bench& bench);
void failing_metadata(Bench& bench);

// Metadata: what outlives the device, and damage to it.
void reopening(Bench& bench);
void metadata_bytes(Bench& bench);
void small_metadata(Bench& bench);
void damage(Bench& bench);
void history(Bench& bench);
void failing_blocks(Bench& bench);

// Time: clocks, intervals, delays, events.
void commit_clock(Bench& bench);
void intervals(Bench& bench);
void delays(Bench& bench);
void events(Bench& bench);

// Sizes at the far end, and borders that do not fit.
void large(Bench& bench);
void too_large(Bench& bench);
void misaligned(Bench& bench);

// Much in flight at once, not fenced.
void turns(Bench& bench);

// A bit of everything.
void soup(Bench& bench);

}  // namespace sim::generate
