/// A counter-based stream of random numbers, keyed by what it is for.
///
/// A stream is named by a seed, a purpose ("bootstrap/hours", "simulate/spells"), and the numbers of a replicate and of
/// a unit within it (a participant, an imputation). The same name gives the same numbers whatever was drawn before, in
/// whatever order and on however many threads. Generator: Philox4x32-10, Salmon, Moraes, Dror & Shaw, Parallel random
/// numbers: as easy as 1, 2, 3, SC'11, doi 10.1145/2063384.2063405.
public struct RandomStream: RandomNumberGenerator, Sendable {
  let key: (UInt32, UInt32)
  private let replicate: UInt32
  private var unit: UInt32
  /// The number of the next block that has not been drawn.
  private var block: UInt64 = 0
  /// The numbers of four blocks, of which so many have been handed out.
  @usableFromInline var held = SIMD8<UInt64>()
  @usableFromInline var used = 8

  /// Opens the stream of a purpose.
  ///
  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - purpose: what the numbers are for; different purposes give independent streams.
  ///   - replicate: the number of the replicate (below 2³²).
  ///   - unit: the number of the unit inside the replicate (below 2³²).
  public init(seed: UInt64, purpose: String, replicate: Int = 0, unit: Int = 0) {
    // FNV-1a over the seed's bytes and the purpose's, so that neither can stand in for the other.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for shift in stride(from: 0, to: 64, by: 8) {
      hash = (hash ^ ((seed >> UInt64(shift)) & 0xff)) &* 0x0000_0100_0000_01b3
    }
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    // A final avalanche (splitmix64): FNV leaves nearby names with nearby keys.
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    hash ^= hash >> 31
    key = (UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32))
    self.replicate = UInt32(replicate)
    self.unit = UInt32(unit)
  }

  /// The stream of another unit under the same seed, purpose and replicate, from its first number on.
  public func ofUnit(_ unit: Int) -> RandomStream {
    var stream = self
    stream.unit = UInt32(unit)
    stream.block = 0
    stream.used = 8
    return stream
  }

  /// The next 64 random bits.
  @inlinable
  public mutating func next() -> UInt64 {
    if used == 8 { drawBlocks() }
    used += 1
    return held[used - 1]
  }

  /// Draws the next four blocks, whose multiplications a processor does side by side.
  @inline(never) @usableFromInline
  mutating func drawBlocks() {
    let low = SIMD4<UInt64>(repeating: 0xffff_ffff)
    let numbers = SIMD4(block, block &+ 1, block &+ 2, block &+ 3)
    let words = Self.philox(
      counter: (
        numbers, numbers &>> 32, SIMD4(repeating: UInt64(replicate)), SIMD4(repeating: UInt64(unit))
      ), key: key)
    let first = words.0 & low | words.1 &<< 32
    let second = words.2 & low | words.3 &<< 32
    held = SIMD8(first[0], second[0], first[1], second[1], first[2], second[2], first[3], second[3])
    block &+= 4
    used = 0
  }

  /// A uniform number strictly between 0 and 1, on a grid of 2⁻⁵² offset by half a step.
  @inlinable
  public mutating func uniform() -> Double { Self.uniform(bits: next()) }

  /// 52 bits, not 53: half a step more than 2⁵³ − 1 is no double and would round to 1.
  @inlinable
  static func uniform(bits: UInt64) -> Double { (Double(bits >> 12) + 0.5) * 0x1p-52 }

  /// A normal number, by inversion.
  public mutating func normal(mean: Double = 0, sd: Double = 1) -> Double {
    Normal(mean: mean, sd: sd).quantile(uniform())
  }

  /// A draw from any distribution, by inversion.
  public mutating func draw(_ distribution: some Distribution) -> Double {
    distribution.quantile(uniform())
  }

  /// True with the given probability.
  @inlinable
  public mutating func bernoulli(_ probability: Double) -> Bool { uniform() < probability }

  /// A whole number from 0 up to, not including, `bound`; without bias (Lemire's method).
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "an integer below \(bound)")
    let limit = UInt64(bound)
    while true {
      let product = next().multipliedFullWidth(by: limit)
      if product.low >= limit || product.low >= (0 &- limit) % limit { return Int(product.high) }
    }
  }

  /// The index of a category drawn with probability proportional to its weight.
  public mutating func category(weights: [Double]) -> Int {
    var point = uniform() * weights.reduce(0, +)
    for (i, weight) in weights.enumerated() {
      point -= weight
      if point < 0 { return i }
    }
    return weights.count - 1
  }

  /// Puts a collection in random order (Fisher–Yates; every permutation equally likely).
  @inlinable
  public mutating func shuffle<T>(_ values: inout [T]) {
    guard values.count > 1 else { return }
    for i in stride(from: values.count - 1, to: 0, by: -1) {
      values.swapAt(i, integer(below: i + 1))
    }
  }

  /// The block cipher: ten rounds over 128-bit counters under a 64-bit key.
  ///
  /// - Parameter counter: the four words of four counters, one counter a lane and each word in the lane's low half; the high
  ///   halves do not count, here and in the result.
  static func philox(
    counter: (SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>), key: (UInt32, UInt32)
  ) -> (SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>) {
    let low = SIMD4<UInt64>(repeating: 0xffff_ffff)
    var c = counter
    var k = (SIMD4(repeating: UInt64(key.0)), SIMD4(repeating: UInt64(key.1)))
    for _ in 0..<10 {
      let a = (c.0 & low) &* SIMD4(repeating: 0xd251_1f53)
      let b = (c.2 & low) &* SIMD4(repeating: 0xcd9e_8d57)
      c = (b &>> 32 ^ c.1 ^ k.0, b, a &>> 32 ^ c.3 ^ k.1, a)
      k = (k.0 &+ SIMD4(repeating: 0x9e37_79b9), k.1 &+ SIMD4(repeating: 0xbb67_ae85))
    }
    return c
  }
}
