import TestSupport
import Testing

@testable import Probability

@Suite("Random streams")
struct RandomStreamTests {
  @Test("the cipher gives the published answers")
  func knownAnswers() {
    // Random123 (Salmon et al., SC'11), examples/kat_vectors, philox4x32 with 10 rounds.
    typealias Words = (UInt32, UInt32, UInt32, UInt32)
    let cases: [(counter: Words, key: (UInt32, UInt32), words: Words)] = [
      ((0, 0, 0, 0), (0, 0), (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
      (
        (0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff), (0xffff_ffff, 0xffff_ffff),
        (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
      ),
      (
        (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), (0xa409_3822, 0x299f_31d0),
        (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
      ),
    ]
    for (counter, key, words) in cases {
      // The case in one lane, other counters in the lanes beside it.
      for lane in 0..<4 {
        func lanes(_ word: UInt32) -> SIMD4<UInt64> {
          var lanes = SIMD4<UInt64>(11, 12, 13, 14)
          lanes[lane] = UInt64(word)
          return lanes
        }
        let made = RandomStream.philox(
          counter: (lanes(counter.0), lanes(counter.1), lanes(counter.2), lanes(counter.3)), key: key)
        let own = [made.0[lane], made.1[lane], made.2[lane], made.3[lane]].map {
          UInt32(truncatingIfNeeded: $0)
        }
        #expect(own == [words.0, words.1, words.2, words.3])
      }
    }
  }

  @Test("numbers follow each other over the blocks of a stream, and the stream of another unit starts anew")
  func order() {
    var whole = RandomStream(seed: 9, purpose: "test/order", replicate: 4, unit: 2)
    let numbers = (0..<40).map { _ in whole.next() }
    for (place, first) in stride(from: 0, to: 40, by: 2).enumerated() {
      let counter = (
        SIMD4(repeating: UInt64(place)), SIMD4<UInt64>(), SIMD4<UInt64>(repeating: 4),
        SIMD4<UInt64>(repeating: 2)
      )
      let words = RandomStream.philox(counter: counter, key: whole.key)
      #expect(numbers[first] == words.0[0] & 0xffff_ffff | words.1[0] << 32)
      #expect(numbers[first + 1] == words.2[0] & 0xffff_ffff | words.3[0] << 32)
    }
    var other = whole.ofUnit(3)
    var fresh = RandomStream(seed: 9, purpose: "test/order", replicate: 4, unit: 3)
    #expect((0..<9).map { _ in other.next() } == (0..<9).map { _ in fresh.next() })
  }

  @Test("a stream depends on its name and on nothing else")
  func names() {
    func first(_ seed: UInt64, _ purpose: String, _ replicate: Int = 0, _ unit: Int = 0) -> [UInt64] {
      var stream = RandomStream(seed: seed, purpose: purpose, replicate: replicate, unit: unit)
      return (0..<5).map { _ in stream.next() }
    }
    #expect(first(1, "a", 2, 3) == first(1, "a", 2, 3))
    let distinct = [
      first(1, "a"), first(2, "a"), first(1, "b"), first(1, "a", 1), first(1, "a", 0, 1),
      first(1, "aa"), first(0, "a"),
    ]
    #expect(Set(distinct).count == distinct.count)
  }

  @Test("uniform numbers lie strictly between 0 and 1, even for the extreme bits")
  func uniformEnds() {
    #expect(RandomStream.uniform(bits: 0) > 0)
    #expect(RandomStream.uniform(bits: .max) < 1)
    #expect(RandomStream.uniform(bits: 1 << 63) == 0.5 + 0x1p-53)
  }

  @Test("uniform, normal and whole numbers have their moments")
  func moments() {
    var stream = RandomStream(seed: 20_240_117, purpose: "test/moments")
    let n = 40000
    let u = (0..<n).map { _ in stream.uniform() }
    // Four standard errors: 1/√(12 n), and √(1/180 n) for the variance.
    expectClose(u.reduce(0, +) / Double(n), 0.5, absolute: 4 * (1 / (12 * Double(n))).squareRoot())
    let z = (0..<n).map { _ in stream.normal(mean: 2, sd: 3) }
    expectClose(z.reduce(0, +) / Double(n), 2, absolute: 4 * 3 / Double(n).squareRoot())
    let variance = z.map { ($0 - 2) * ($0 - 2) }.reduce(0, +) / Double(n)
    expectClose(variance, 9, absolute: 4 * 9 * (2 / Double(n)).squareRoot())
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<n { counts[stream.integer(below: 7)] += 1 }
    let expected = Double(n) / 7
    let chiSquared = counts.map { (Double($0) - expected) * (Double($0) - expected) / expected }
      .reduce(0, +)
    #expect(ChiSquared(df: 6).cdf(chiSquared, tail: .upper) > 1e-4)
    let heads = (0..<n).filter { _ in stream.bernoulli(0.3) }.count
    expectClose(Double(heads) / Double(n), 0.3, absolute: 4 * (0.21 / Double(n)).squareRoot())
    var drawn = [0, 0, 0]
    for _ in 0..<n { drawn[stream.category(weights: [1, 0, 3])] += 1 }
    #expect(drawn[1] == 0)
    expectClose(Double(drawn[0]) / Double(n), 0.25, absolute: 4 * (0.1875 / Double(n)).squareRoot())
  }

  @Test("every permutation of three is as likely")
  func shuffle() {
    var counts: [[Int]: Int] = [:]
    for replicate in 0..<6000 {
      var stream = RandomStream(seed: 7, purpose: "test/shuffle", replicate: replicate)
      var order = [0, 1, 2]
      stream.shuffle(&order)
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 6)
    let chiSquared = counts.values.map { Double(($0 - 1000) * ($0 - 1000)) / 1000 }.reduce(0, +)
    #expect(ChiSquared(df: 5).cdf(chiSquared, tail: .upper) > 1e-4)
  }
}
