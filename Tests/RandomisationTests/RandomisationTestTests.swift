import Probability
import TestSupport
import Testing

@testable import Randomisation

@Suite("Randomisation inference")
struct RandomisationTestTests {
  @Test("the p-value agrees with the enumeration of every allocation")
  func enumerated() throws {
    let y = [3.0, 5, 4, 8, 9, 7, 12, 6]
    let sequence = AllocationSequence(TrialArms(["c", "t"]), arm: [0, 0, 0, 1, 0, 1, 1, 1])
    let test = try #require(
      RandomisationTest(
        y, sequence, Rerandomiser(.complete, sequence), first: 1, second: 0, draws: 20_000, seed: 1,
        purpose: "t"))
    expectClose(test.estimate, 33.0 / 4 - 21.0 / 4, absolute: 1e-12)
    // Of the 70 ways to choose four of eight, by hand in the loop below.
    var beyond = 0
    for mask in 0..<256 where mask.nonzeroBitCount == 4 {
      let sum = (0..<8).reduce(0.0) { $0 + (mask >> $1 & 1 == 1 ? y[$1] : 0) }
      if sum >= 33 - 1e-9 { beyond += 1 }
    }
    expectClose(test.pValue, 2 * Double(beyond) / 70, absolute: 4 * test.pValueError + 1e-4)
  }

  @Test("the limits are the effects that the test just keeps")
  func inversion() throws {
    var stream = RandomStream(seed: 4, purpose: "outcomes")
    let arm = TrialLists.blocked(60, sizes: [4], seed: 4)
    let y = arm.map { stream.normal() + Double($0) }
    let sequence = AllocationSequence(TrialArms(["c", "t"]), arm: arm)
    let design = Rerandomiser(.permutedBlock, sequence, blocks: BlockStructure(sequence, sizes: [[4]]))
    func test(_ outcome: [Double]) -> RandomisationTest {
      RandomisationTest(outcome, sequence, design, first: 1, second: 0, draws: 4999, seed: 2, purpose: "t")!
    }
    let found = test(y)
    // Outcomes less the limit: the same draws then give a p-value at 0.05, from either side.
    for limit in [found.low, found.high] {
      func shifted(by tau: Double) -> Double { test(zip(y, arm).map { $0 - tau * Double($1) }).pValue }
      let step = (found.high - found.low) * 1e-6
      let (inside, outside) = limit == found.low ? (step, -step) : (-step, step)
      #expect(shifted(by: limit + inside) > 0.05)
      #expect(shifted(by: limit + outside) <= 0.05)
    }
    // Units carry over.
    let scaled = test(y.map { 10 * $0 + 3 })
    expectClose(scaled.low, 10 * found.low, relative: 1e-9)
    #expect(scaled.pValue == found.pValue)
  }

  @Test("participants without an outcome leave the statistic and not the draw; an empty arm gives nothing")
  func missing() throws {
    let arm = TrialLists.blocked(40, sizes: [4], seed: 1)
    let sequence = AllocationSequence(TrialArms(["c", "t"]), arm: arm)
    var y = (0..<40).map { Double(($0 * 13) % 17) }
    y[3] = .nan
    let design = Rerandomiser(.complete, sequence)
    let test = try #require(
      RandomisationTest(y, sequence, design, first: 1, second: 0, draws: 499, seed: 1, purpose: "t"))
    #expect(test.n == 39)
    let none = [Double](repeating: .nan, count: 40)
    #expect(RandomisationTest(none, sequence, design, first: 1, second: 0, seed: 1, purpose: "t") == nil)
  }

  @Test("two arms of three are drawn among themselves")
  func threeArms() throws {
    let arm = TrialLists.blocked(60, sizes: [3], ratio: [1, 1, 1], seed: 1)
    let sequence = AllocationSequence(TrialArms(["a", "b", "c"]), arm: arm)
    let design = Rerandomiser(.permutedBlock, sequence, blocks: BlockStructure(sequence, sizes: [[3]]))
    let pair = design.restricted(to: 0, 2)
    var stream = RandomStream(seed: 1, purpose: "pair")
    let drawn = pair.draw(&stream)
    #expect(drawn.indices.allSatisfy { (arm[$0] == 1) == (drawn[$0] == 1) })
    #expect(drawn != sequence.arm)
  }

  @Test(
    "two arms of a minimisation over three: draws by weight equal the enumeration of every allocation of the two"
  )
  func minimisationOfThree() throws {
    let arm = [0, 1, 2, 1, 0, 2, 1, 0, 2, 0, 1, 1]
    let factor = [0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0]
    let y = [3.0, 7, 5, 9, 2, 6, 8, 4, 5, 3.5, 6.5, 9.5]
    let sequence = AllocationSequence(TrialArms(["a", "b", "c"]), arm: arm)
    let minimisation = Minimisation(factors: [factor], probability: 0.8)
    let design = Rerandomiser(.minimisation, sequence, minimisation: minimisation)
    let test = try #require(
      RandomisationTest(y, sequence, design, first: 1, second: 0, draws: 40_000, seed: 1, purpose: "t"))
    // Every allocation of the nine in the two arms, by its probability under the whole design.
    let state = MinimisationState(minimisation, sequence.arms)
    let drawn = arm.indices.filter { arm[$0] != 2 }
    func difference(_ arms: [Int]) -> Double? {
      let one = drawn.filter { arms[$0] == 1 }
      guard !one.isEmpty, one.count < drawn.count else { return nil }
      let zero = drawn.filter { arms[$0] == 0 }
      return one.reduce(0) { $0 + y[$1] } / Double(one.count) - zero.reduce(0) { $0 + y[$1] }
        / Double(zero.count)
    }
    let observed = try #require(difference(arm))
    expectClose(test.estimate, observed, relative: 1e-12)
    var (all, above, below) = (0.0, 0.0, 0.0)
    for mask in 0..<(1 << drawn.count) {
      var arms = arm
      for (bit, i) in drawn.enumerated() { arms[i] = mask >> bit & 1 }
      var counts = state.emptyCounts
      var probability = 1.0
      for i in arms.indices {
        probability *= state.probabilities(of: i, counts)[arms[i]]
        state.add(i, arm: arms[i], to: &counts)
      }
      all += probability
      // An allocation that leaves an arm empty tells nothing and counts as extreme.
      if difference(arms).map({ $0 >= observed - 1e-9 }) ?? true { above += probability }
      if difference(arms).map({ $0 <= observed + 1e-9 }) ?? true { below += probability }
    }
    expectClose(test.pValue, min(1, 2 * min(above, below) / all), absolute: 4 * test.pValueError + 1e-4)
    #expect(test.pValueError > 0 && test.pValueError < 0.02)
  }

  @Test("limits cover the effect as often as they say")
  func coverage() {
    var covered = 0
    for replicate in 0..<200 {
      var stream = RandomStream(seed: 31, purpose: "coverage", replicate: replicate)
      let arm = TrialLists.complete(30, seed: 31, replicate: replicate)
      let y = arm.map { stream.normal() + 0.7 * Double($0) }
      let sequence = AllocationSequence(TrialArms(["c", "t"]), arm: arm)
      let test = RandomisationTest(
        y, sequence, Rerandomiser(.complete, sequence), first: 1, second: 0, level: 0.9, draws: 199,
        seed: UInt64(replicate), purpose: "t")!
      if test.low <= 0.7 && 0.7 <= test.high { covered += 1 }
    }
    // 180 of 200 expected; fewer than 167 or more than 193 has probability 0.005.
    #expect((167...193).contains(covered), "\(covered) of 200")
  }

  @Test("effects of an audit: one an arm beside the control, by outcome's name and arms alone")
  func effects() throws {
    let codes = ["usual", "short", "long"]
    let arm = TrialLists.blocked(60, sizes: [6], ratio: [1, 1, 1], seed: 9)
    var stream = RandomStream(seed: 9, purpose: "outcomes")
    let y = arm.map { stream.normal() + Double($0) }
    var records = TrialLists.records(arm, codes: codes)
    records.effects = [.init("score", .numeric(y))]
    var audit = RandomisationAudit()
    audit.arms = TrialArms(codes)
    audit.draws = 299
    audit.seed = 3
    audit.level = 0.9
    let effects = audit.report(records).effects
    #expect(effects.map(\.contrast) == ["short - usual", "long - usual"])
    let prepared = audit.prepared(records)
    #expect(effects == audit.effects(on: y, named: "score", prepared))
    let test = try #require(effects[1].test)
    func mean(_ code: Int) -> Double {
      let own = arm.indices.filter { arm[$0] == code }.map { y[$0] }
      return own.reduce(0, +) / Double(own.count)
    }
    expectClose(test.estimate, mean(2) - mean(0), relative: 1e-12)
    #expect(test.level == 0.9 && test.n == 40 && test.draws == 299)
    #expect(test.low < test.estimate && test.estimate < test.high)
    let other = try #require(audit.effects(on: y, named: "other", prepared)[1].test)
    #expect(other.estimate == test.estimate && other.low != test.low)
    let json = audit.report(records).json["effects"]?.elements ?? []
    #expect(json.map { $0["p.value"]?.double } == effects.map { $0.test?.pValue })
  }
}
