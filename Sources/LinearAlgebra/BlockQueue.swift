import Synchronization

/// Numbers from 0 up to a count, each handed out once to whichever thread asks next.
///
/// Threads that share a queue of blocks finish together even where another process takes one of the cores; the order of
/// the results is that of the blocks, whoever worked on them.
package final class BlockQueue: Sendable {
  private let count: Int
  private let taken = Atomic<Int>(0)

  /// Makes a queue of a number of blocks.
  package init(count: Int) { self.count = count }

  /// The next block; nil where all are taken.
  package func next() -> Int? {
    let block = taken.wrappingAdd(1, ordering: .relaxed).oldValue
    return block < count ? block : nil
  }
}
