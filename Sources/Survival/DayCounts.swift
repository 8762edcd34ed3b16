import Glibc
import LinearAlgebra

/// A column of whole numbers from 0, as integers, with a mark for each that occurs.
struct DayCounts {
  private(set) var numbers: [Int32]
  /// For each number up to the largest, whether it occurs.
  let seen: [Bool]

  /// Rows that a thread takes at a time.
  private static let block = 1 << 17

  /// Takes a column over in one pass; nil where a value is not whole, is negative or not below the limit.
  ///
  /// - Parameter limit: at most 2²².
  init?(_ x: [Double], below limit: Int) {
    let blocks = (x.count + Self.block - 1) / Self.block
    let threads = max(1, min(coreCount, blocks / 2))
    let found = ThreadSlots<[Bool]>(count: threads)
    let queue = BlockQueue(count: blocks)
    let marks = (0..<threads).map { _ in SharedPlaces(base: Self.zeroedMarks(limit)) }
    defer { for mark in marks { free(mark.base) } }
    numbers = [Int32](unsafeUninitializedCapacity: x.count) { out, count in
      if let base = out.baseAddress, x.count > 0 {
        preferHugePages(UnsafeMutableRawPointer(base), bytes: x.count * MemoryLayout<Int32>.stride)
        let target = SharedPlaces(base: base)
        parallelLoop(threads) { thread in
          var largest: Int32 = -1
          var isWhole = true
          while isWhole, let k = queue.next() {
            isWhole = x.withUnsafeBufferPointer {
              Self.take(
                $0, k * Self.block..<min((k + 1) * Self.block, x.count), below: Double(limit),
                into: target.base, marks: marks[thread].base, &largest)
            }
          }
          guard isWhole else { return }
          let own = UnsafeBufferPointer(start: marks[thread].base, count: Int(largest + 1))
          found[thread] = own.map { $0 != 0 }
        }
      }
      // Where a value is not whole the rest of the column has not been written: nothing is kept of it.
      count = (0..<threads).allSatisfy { x.isEmpty || found[$0] != nil } ? x.count : 0
    }
    guard numbers.count == x.count else { return nil }
    var all = x.isEmpty ? [] : found[0]!
    for thread in 1..<max(threads, 1) {
      let other = found[thread]!
      if other.count > all.count { all += [Bool](repeating: false, count: other.count - all.count) }
      for day in other.indices where other[day] { all[day] = true }
    }
    seen = all
  }

  func hasSeen(_ number: Int) -> Bool { number < seen.count && seen[number] }

  /// Puts another number in the place of each, in the memory they have.
  mutating func replaceNumbers(by place: [Int32]) {
    let count = numbers.count
    numbers.withUnsafeMutableBufferPointer { numbers in
      guard let base = numbers.baseAddress else { return }
      let target = SharedPlaces(base: base)
      forEachBlock(rows: count, block: Self.block) { rows in
        place.withUnsafeBufferPointer { place in
          for i in rows { target.base[i] = place[Int(target.base[i])] }
        }
      }
    }
  }

  /// Memory of zeros, of which only pages that are written come into being; an array of zeros would write them all.
  ///
  /// Running out of memory stops the program, as it does where Swift allocates.
  private static func zeroedMarks(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    guard let memory = calloc(count, 1) else { fatalError("no memory for \(count) marks") }
    return memory.bindMemory(to: UInt8.self, capacity: count)
  }

  /// Takes over some rows; false where a value is not a whole number in the range.
  private static func take(
    _ x: UnsafeBufferPointer<Double>, _ rows: Range<Int>, below limit: Double,
    into out: UnsafeMutablePointer<Int32>, marks: UnsafeMutablePointer<UInt8>, _ largest: inout Int32
  ) -> Bool {
    var highest = largest
    for i in rows {
      let value = x[i]
      // The limit is far below that of Int32.
      guard value >= 0, value < limit else { return false }
      let number = Int32(truncatingIfNeeded: Int(value))
      guard Double(number) == value else { return false }
      out[i] = number
      marks[Int(number)] = 1
      highest = max(highest, number)
    }
    largest = highest
    return true
  }
}
