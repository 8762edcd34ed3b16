import ModelFormula
import Probability
import TestSupport
import Testing

@testable import Randomisation

@Suite("Planted faults are found with their rows")
struct PlantedFaultTests {
  private let n = 120

  /// 120 participants in blocks of four, one a day.
  private func clean(strata: Int = 1) -> (AllocationRecords, [Int]) {
    var arm = [Int](repeating: 0, count: n)
    var units: [String] = []
    let lists = (0..<strata).map { TrialLists.blocked(n, sizes: [4], seed: 2, replicate: $0) }
    var place = [Int](repeating: 0, count: strata)
    for i in 0..<n {
      let unit = i % strata
      arm[i] = lists[unit][place[unit]]
      place[unit] += 1
      units.append("unit \(unit + 1)")
    }
    var records = TrialLists.records(arm)
    records.date = (0..<n).map { Int32(18_000 + $0) }
    records.baselineDate = (0..<n).map { Int32(17_995 + $0) }
    if strata > 1 { records.strata = [.init("unit", .categorical(units))] }
    return (records, arm)
  }

  private func audit() -> RandomisationAudit {
    var audit = TrialLists.audit()
    audit.window = 18_000...18_200
    audit.blocks = .declared([4])
    return audit
  }

  @Test("the list without a fault passes every check that applies")
  func none() {
    let report = audit().report(clean(strata: 2).0)
    for check in report.checks {
      #expect([.pass, .notApplicable].contains(check.status), "\(check.id.rawValue): \(check.message)")
      #expect(check.rows.isEmpty)
    }
    #expect(report.checks.map(\.id) == RandomisationCheck.ID.allCases)
  }

  @Test("1–6: a repeated participant, a missing and an unknown arm, and three kinds of wrong dates")
  func rows() {
    var records = clean().0
    records.ids[50] = records.ids[20]
    records.arms[30] = nil
    records.arms[70] = "ISP"
    records.date![80] = 18_040
    records.date![119] = 18_300
    records.baselineDate![10] = 18_015
    let report = audit().report(records)
    func rows(_ id: RandomisationCheck.ID) -> [Int] { report.check(id).rows }
    #expect(rows(.duplicateID) == [22, 52])
    #expect(rows(.missingArm) == [32])
    #expect(rows(.unknownArm) == [72])
    #expect(rows(.dateOrder) == [82])
    #expect(rows(.dateOutsideWindow) == [121])
    #expect(
      rows(.baselineAfterRandomisation) == [12, 82], "the date that went back now lies before its baseline")
    for id in [
      RandomisationCheck.ID.duplicateID, .missingArm, .unknownArm, .dateOrder, .dateOutsideWindow,
      .baselineAfterRandomisation,
    ] {
      #expect(report.check(id).status == .fail)
    }
    #expect(report.flow.randomised == 117 && report.flow.duplicates == 1)
  }

  @Test("7: an arm that is entered too often")
  func ratio() {
    let list = (0..<n).map { $0 % 3 == 0 ? 1 : 0 }
    var audit = TrialLists.audit()
    audit.design = .simple
    #expect(audit.report(TrialLists.records(list)).check(.allocationRatio).status == .fail)
  }

  @Test("8: one stratum whose allocations went wrong, with its rows")
  func stratum() {
    var (records, arm) = clean(strata: 3)
    for i in stride(from: 1, to: n, by: 3) where i % 9 != 1 { arm[i] = 0 }
    records.arms = arm.map { ["IPS", "control"][$0] }
    var audit = TrialLists.audit()
    audit.design = .stratified
    let check = audit.report(records).check(.allocationByStratum)
    #expect(check.status == .fail)
    #expect(check.rows == stride(from: 1, to: n, by: 3).map { $0 + 2 })
    #expect(check.message.contains("unit 2"))
  }

  @Test("9: allocations that drift over time, with the participant where they are furthest off")
  func drift() {
    let list = (0..<n).map { $0 < 60 ? ($0 % 4 == 0 ? 1 : 0) : ($0 % 4 == 0 ? 0 : 1) }
    let check = TrialLists.audit().report(TrialLists.records(list)).check(.allocationOverTime)
    #expect(check.status == .fail)
    #expect((58...64).contains(check.rows[0]))
  }

  @Test("10: allocations that alternate can be guessed and have too many runs")
  func alternation() {
    var audit = TrialLists.audit(draws: 4999)
    audit.design = .complete
    let report = audit.report(TrialLists.records((0..<n).map { $0 % 2 }))
    #expect(report.check(.runs).status == .fail && report.check(.predictability).status == .fail)
    expectClose(
      report.check(.predictability).statistic!, 0.75, absolute: 1e-12, because: "ties are every second one")
    // With blocks inferred the order within them still gives it away.
    let inferred = TrialLists.audit(draws: 4999).report(TrialLists.records((0..<n).map { $0 % 2 }))
    #expect(inferred.blockSizes == [2] && inferred.check(.runs).status == .fail)
  }

  @Test("11: a long run, with its rows")
  func longRun() {
    var list = TrialLists.complete(n, seed: 4)
    for i in 30..<55 { list[i] = 0 }
    var audit = TrialLists.audit(draws: 4999)
    audit.design = .complete
    let check = audit.report(TrialLists.records(list)).check(.runs)
    #expect(check.status != .pass)
    #expect(Set(32..<57).isSubset(of: Set(check.rows)))
  }

  @Test("12–14: an arm entered wrongly, a row lost and a row from another stratum break the blocks")
  func blocks() {
    var (records, _) = clean()
    records.arms[33] = records.arms[33] == "IPS" ? "control" : "IPS"
    let changed = audit().report(records).check(.blockStructure)
    #expect(changed.status == .fail && changed.rows.contains(35) && changed.rows.count <= 4)
    let inferred = TrialLists.audit().report(records)
    #expect(inferred.blockSizes == [4])
    #expect(inferred.check(.blockStructure).status == .warn)
    #expect(inferred.check(.blockStructure).rows.contains(35))
  }

  @Test("15: baseline values chosen to fit what could be foreseen")
  func selection() {
    var (records, arm) = clean()
    // A recruiter who knows the blocks enrols a healthier person wherever the next arm is likely to be IPS.
    var stream = RandomStream(seed: 6, purpose: "recruiter")
    var counts = [0, 0]
    let health = (0..<n).map { i -> Double in
      if i % 4 == 0 { counts = [0, 0] }
      let ahead = Double(counts[1] - counts[0])
      counts[arm[i]] += 1
      return stream.normal() + ahead
    }
    records.baseline = [.init("health", .numeric(health))]
    let check = audit().report(records).check(.selectionBias)
    #expect(check.status == .fail, "\(check.message)")
  }

  @Test("16: arms that differ at baseline")
  func imbalance() {
    let (clean, arm) = clean()
    var records = clean
    var stream = RandomStream(seed: 8, purpose: "imbalance")
    records.baseline = [
      .init("age", .numeric(arm.map { stream.normal() + Double($0) })),
      .init("sex", .categorical((0..<n).map { $0 % 2 == 0 ? "f" : "m" })),
    ]
    let report = audit().report(records)
    #expect(report.check(.balanceOmnibus).status == .fail)
    #expect(report.balance.map(\.variable) == ["age", "sex"])
    #expect(report.omnibus!.pValue < 0.001)
  }

  @Test("17: outcomes missing in one arm, with the rows that lack them")
  func attrition() {
    let (clean, arm) = clean()
    var records = clean
    let lost = (0..<n).filter { arm[$0] == 1 && $0 % 3 == 0 }
    records.outcomes = [.init("score", .numeric((0..<n).map { lost.contains($0) ? .nan : 1 }))]
    let check = audit().report(records).check(.missingByArm)
    #expect(check.status == .warn)
    #expect(check.rows == lost.map { $0 + 2 })
  }
}

@Suite("The audit as a whole")
struct AuditTests {
  @Test("a file sorted by something else than time is taken in the order of its dates")
  func unsorted() {
    let list = TrialLists.blocked(80, sizes: [4], seed: 1)
    let straight = TrialLists.records(list)
    var order = Array(0..<80)
    var stream = RandomStream(seed: 1, purpose: "order")
    stream.shuffle(&order)
    var shuffled = AllocationRecords(
      ids: order.map { straight.ids[$0] }, arms: order.map { straight.arms[$0] }, lines: Array(2..<82))
    shuffled.date = order.map { Int32(18_000 + $0) }
    let report = TrialLists.audit().report(shuffled)
    #expect(report.check(.dateOrder).status == .notApplicable)
    #expect(report.blockSizes == [4] && report.check(.blockStructure).status == .pass)
    // A column for the order gives the same.
    shuffled.order = order.map(Double.init)
    #expect(TrialLists.audit().report(shuffled).check(.dateOrder).status == .pass)
  }

  @Test("no number depends on threads, and the seed decides")
  func threads() {
    var records = TrialLists.records(TrialLists.blocked(90, sizes: [4, 6], seed: 1))
    records.baseline = [.init("x", .numeric((0..<90).map { Double(($0 * 37) % 53) }))]
    var audit = TrialLists.audit(draws: 2000)
    let one = audit.report(records).drawn
    audit.threads = 4
    #expect(audit.report(records).drawn == one)
    audit.seed = 8
    #expect(audit.report(records).drawn != one)
  }

  @Test("under complete randomisation the re-randomisation p agrees with chi-squared's")
  func asymptotic() throws {
    var records = TrialLists.records(TrialLists.complete(400, seed: 3))
    var stream = RandomStream(seed: 3, purpose: "baseline")
    records.baseline = (0..<4).map { .init("x\($0)", .numeric((0..<400).map { _ in stream.normal() })) }
    var audit = TrialLists.audit(draws: 4000)
    audit.design = .complete
    let report = audit.report(records)
    expectClose(report.drawn.balance!.upper, report.omnibus!.pValue, absolute: 0.04)
  }

  @Test("a design by minimisation is drawn with its factors balanced")
  func minimisation() {
    let factor = (0..<100).map { ($0 * 7) % 3 }
    let arms = TrialArms(["a", "b"])
    let design = Minimisation(factors: [factor], probability: 1)
    let sequence = AllocationSequence(arms, arm: [Int](repeating: 0, count: 100))
    let rerandomiser = Rerandomiser(.minimisation, sequence, minimisation: design)
    var stream = RandomStream(seed: 1, purpose: "minimisation")
    let drawn = rerandomiser.draw(&stream)
    for level in 0..<3 {
      let own = drawn.indices.filter { factor[$0] == level }
      #expect(abs(own.count - 2 * own.count { drawn[$0] == 1 }) <= 1, "one factor, always followed")
    }
  }

  @Test("the convergence strategy, runs and imbalance by hand")
  func statistics() {
    let sequence = AllocationSequence(TrialArms(["a", "b"]), arm: [0, 0, 1, 1, 0, 1])
    let statistics = SequenceStatistics(sequence)
    sequence.arm.withUnsafeBufferPointer { arm in
      // a: tie ½; a: b guessed, wrong; b, b: right; a: tie ½; b: right
      expectClose(statistics.correctGuesses(arm), 4)
      #expect(statistics.runs(arm) == 4)
      #expect(statistics.largestImbalance(arm).value == 1)
      #expect(statistics.largestImbalance(arm).position == 1)
    }
  }

  @Test("the chance of an arm is foreseen from what its block has left")
  func foresight() {
    let sequence = AllocationSequence(TrialArms(["a", "b"]), arm: [0, 0, 1, 1, 1, 0])
    let blocks = BlockStructure(sequence, sizes: [[4]])
    let rerandomiser = Rerandomiser(.permutedBlock, sequence, blocks: blocks)
    var scores = [Double](repeating: 0, count: 6)
    scores.withUnsafeMutableBufferPointer { scores in
      sequence.arm.withUnsafeBufferPointer { rerandomiser.foresight($0, into: scores) }
    }
    expectClose(scores, [0.5, 2.0 / 3, 1, 1, 0.5, 1.0 / 3], absolute: 1e-12)
  }

  @Test("an empty file and a single arm give no check a number")
  func nothing() {
    let report = TrialLists.audit(draws: 99).report(AllocationRecords(ids: [], arms: [], lines: []))
    #expect(report.checks.allSatisfy { $0.status != .fail && $0.pValue == nil || $0.pValue == 1 })
    let single = TrialLists.audit(draws: 99).report(TrialLists.records([0, 0, 0]))
    #expect(single.counts == [3, 0])
  }
}
