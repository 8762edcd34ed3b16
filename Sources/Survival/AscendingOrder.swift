/// The order that sorts finite numbers ascending, equal ones as they were.
///
/// Numbers become whole numbers of the same order by their bit patterns; the upper 32 bits of their range are sorted with
/// the rows' places beside them, eleven bits at a time, and the few runs that agree in those are sorted by the rest.
///
/// - Complexity: O(n) unless most numbers agree in 32 bits and differ beyond.
func ascendingOrder(_ x: UnsafeBufferPointer<Double>) -> [Int32] {
  let n = x.count
  guard n > 1 else { return n == 1 ? [0] : [] }
  func key(_ value: Double) -> UInt64 {
    // −0 and 0 are equal; negative numbers sort below positive ones after flipping.
    let bits = (value == 0 ? 0.0 : value).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | (1 << 63)
  }
  var least = UInt64.max
  var largest: UInt64 = 0
  for value in x {
    let k = key(value)
    least = min(least, k)
    largest = max(largest, k)
  }
  let shift = UInt64(max(0, 32 - (largest - least).leadingZeroBitCount))
  let from = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: n)
  let to = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: n)
  defer {
    from.deallocate()
    to.deallocate()
  }
  for i in 0..<n { from[i] = ((key(x[i]) - least) >> shift) << 32 | UInt64(i) }
  let sorted = sortByUpperHalf(from, to)
  if shift > 0 {
    var first = 0
    while first < n {
      var end = first + 1
      while end < n, sorted[end] >> 32 == sorted[first] >> 32 { end += 1 }
      if end - first > 1 {
        var run = UnsafeMutableBufferPointer(rebasing: sorted[first..<end])
        let lead = key(x[Int(run[0] & 0xffff_ffff)])
        if run.contains(where: { key(x[Int($0 & 0xffff_ffff)]) != lead }) {
          run.sort {
            let (a, b) = (key(x[Int($0 & 0xffff_ffff)]), key(x[Int($1 & 0xffff_ffff)]))
            return a != b ? a < b : $0 < $1
          }
        }
      }
      first = end
    }
  }
  return [Int32](unsafeUninitializedCapacity: n) { order, count in
    for i in 0..<n { order[i] = Int32(truncatingIfNeeded: sorted[i] & 0xffff_ffff) }
    count = n
  }
}

/// Sorts pairs by their upper 32 bits, stable, with three passes of a radix sort; returns the buffer that holds them.
private func sortByUpperHalf(
  _ first: UnsafeMutableBufferPointer<UInt64>, _ second: UnsafeMutableBufferPointer<UInt64>
) -> UnsafeMutableBufferPointer<UInt64> {
  let n = first.count
  return withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 * 2048) { counts in
    counts.initialize(repeating: 0)
    for pair in first {
      counts[Int((pair >> 32) & 2047)] += 1
      counts[2048 + Int((pair >> 43) & 2047)] += 1
      counts[4096 + Int((pair >> 54) & 2047)] += 1
    }
    var (from, to) = (first, second)
    for pass in 0..<3 {
      let digits = UnsafeMutableBufferPointer(rebasing: counts[(pass * 2048)..<((pass + 1) * 2048)])
      if digits.contains(n) { continue }
      var start = 0
      for digit in 0..<2048 {
        let count = digits[digit]
        digits[digit] = start
        start += count
      }
      let shift = UInt64(32 + 11 * pass)
      for i in 0..<n {
        let digit = Int((from[i] >> shift) & 2047)
        to[digits[digit]] = from[i]
        digits[digit] += 1
      }
      swap(&from, &to)
    }
    return from
  }
}
