import Glibc

/// Asks for large pages under a large array: ten million numbers are then forty page faults, not twenty thousand.
///
/// - Parameters:
///   - start: the address of its first element, before anything was written.
///   - bytes: its size; nothing is asked for below three megabytes.
package func preferHugePages(_ start: UnsafeMutableRawPointer, bytes: Int) {
  guard bytes >= smallestLargeArray else { return }
  let page = 4096
  // Pages that the array shares with its neighbours are meant too: a gap between two arrays would part the pages around it.
  let first = Int(bitPattern: start) & ~(page - 1)
  let last = (Int(bitPattern: start) + bytes + page - 1) & ~(page - 1)
  madvise(UnsafeMutableRawPointer(bitPattern: first), last - first, MADV_HUGEPAGE)
}

/// Asks for large pages under the whole of an array that is being made: where they end within the last of them, it is small ones.
package func preferHugePages<Element>(_ room: UnsafeMutableBufferPointer<Element>) {
  guard let base = room.baseAddress else { return }
  preferHugePages(UnsafeMutableRawPointer(base), bytes: room.count * MemoryLayout<Element>.stride)
}

/// The capacity to ask for where an array is to have a number of elements.
///
/// A large array has a mapping of its own, and the kernel begins one at a large page only where its length is a whole number of
/// large pages. A megabyte at either end would else be a page fault every four kilobytes.
package func largeArrayCapacity<Element>(_ count: Int, of type: Element.Type) -> Int {
  let stride = MemoryLayout<Element>.stride
  guard count * stride >= smallestLargeArray else { return count }
  let largePage = 1 << 21
  // What the array and the allocator put before the elements.
  let heading = 64
  return ((count * stride + heading + largePage - 1) / largePage * largePage - heading) / stride
}

/// The bytes from which on an array is worth large pages.
private let smallestLargeArray = 3 << 20

/// An array that threads fill, each block of places by one of them.
///
/// - Parameters:
///   - count: the number of elements.
///   - block: the places of a block.
///   - fill: writes every place of a block.
package func arrayFilledByBlocks<Element: BitwiseCopyable & Sendable>(
  _ count: Int, block: Int = 1 << 17,
  _ fill: @escaping @Sendable (Range<Int>, UnsafeMutablePointer<Element>) -> Void
) -> [Element] {
  [Element](unsafeUninitializedCapacity: largeArrayCapacity(count, of: Element.self)) { out, initialised in
    guard count > 0, let base = out.baseAddress else { return }
    preferHugePages(out)
    let target = SharedPlaces(base: base)
    forEachBlock(rows: count, block: block) { fill($0, target.base) }
    initialised = count
  }
}

/// Runs a body on every block of rows, on as many threads as that repays.
package func forEachBlock(rows: Int, block: Int = 1 << 17, _ body: @escaping @Sendable (Range<Int>) -> Void) {
  let count = (rows + block - 1) / block
  let queue = BlockQueue(count: count)
  parallelLoop(max(1, min(coreCount, count / 2))) { _ in
    while let k = queue.next() { body(k * block..<min((k + 1) * block, rows)) }
  }
}

/// True where a test finds something in some block of rows.
package func anyBlock(rows: Int, _ test: @escaping @Sendable (Range<Int>) -> Bool) -> Bool {
  if rows <= 1 << 17 { return rows > 0 && test(0..<rows) }
  return sumsOverBlocks(rows: rows, block: 1 << 17, width: 1) { rows, found in
    if test(rows) { found[0] = 1 }
  }[0] > 0
}

/// Places that threads write, each its own: hence unchecked.
package struct SharedPlaces<Element>: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Element>

  package init(base: UnsafeMutablePointer<Element>) { self.base = base }
}
