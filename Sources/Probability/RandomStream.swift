/// A counter-based stream of random numbers, keyed by what it is for.
///
/// A stream is named by a seed, a purpose ("bootstrap/hours", "simulate/spells"), and the numbers of a replicate and of
/// a unit within it (a participant, an imputation). The same name gives the same numbers whatever was drawn before, in
/// whatever order and on however many threads. Generator: Philox4x32-10, Salmon, Moraes, Dror & Shaw, Parallel random
/// numbers: as easy as 1, 2, 3, SC'11, doi 10.1145/2063384.2063405.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private let replicate: UInt32
  private let unit: UInt32
  private var block: UInt64 = 0
  private var buffer: (UInt64, UInt64) = (0, 0)
  private var used = 2

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

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    if used == 2 {
      let words = Self.philox(
        counter: (
          UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), replicate,
          unit
        ), key: key)
      buffer = (
        UInt64(words.0) | UInt64(words.1) << 32, UInt64(words.2) | UInt64(words.3) << 32
      )
      block += 1
      used = 0
    }
    used += 1
    return used == 1 ? buffer.0 : buffer.1
  }

  /// A uniform number strictly between 0 and 1, on a grid of 2⁻⁵² offset by half a step.
  public mutating func uniform() -> Double { Self.uniform(bits: next()) }

  /// 52 bits, not 53: half a step more than 2⁵³ − 1 is no double and would round to 1.
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

  /// The block cipher: ten rounds over a 128-bit counter under a 64-bit key.
  static func philox(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let a = UInt64(c.0) * 0xd251_1f53
      let b = UInt64(c.2) * 0xcd9e_8d57
      c = (
        UInt32(truncatingIfNeeded: b >> 32) ^ c.1 ^ k.0, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c.3 ^ k.1, UInt32(truncatingIfNeeded: a)
      )
      k = (k.0 &+ 0x9e37_79b9, k.1 &+ 0xbb67_ae85)
    }
    return c
  }
}
