import ModelFormula
import Probability
import Testing

@testable import Randomisation

/// The simulation of `scripts/simulate-randomisation`, small.
@Suite("Clean lists raise few alarms")
struct CleanListTests {
  private static let lists = 80

  private func report(_ replicate: Int, blocked: Bool) -> RandomisationReport {
    var stream = RandomStream(seed: 21, purpose: "clean", replicate: replicate)
    let n = 60 + stream.integer(below: 60)
    let arm =
      blocked
      ? TrialLists.blocked(n, sizes: [4, 6], seed: 22, replicate: replicate)
      : TrialLists.complete(n, seed: 22, replicate: replicate)
    var records = TrialLists.records(arm)
    records.baseline = [
      .init("age", .numeric((0..<n).map { _ in stream.normal() })),
      .init("sex", .categorical((0..<n).map { _ in stream.bernoulli(0.4) ? "f" : "m" })),
    ]
    records.outcomes = [.init("score", .numeric((0..<n).map { _ in stream.bernoulli(0.1) ? .nan : 1 }))]
    var audit = TrialLists.audit(draws: 199)
    audit.seed = UInt64(replicate)
    return audit.report(records)
  }

  @Test("each check alarms at most as often as it says, within what chance allows", arguments: [true, false])
  func alarms(blocked: Bool) {
    var alarms: [RandomisationCheck.ID: Int] = [:]
    var p: [Double] = []
    for replicate in 0..<Self.lists {
      let report = report(replicate, blocked: blocked)
      for check in report.checks where [.warn, .fail].contains(check.status) {
        alarms[check.id, default: 0] += 1
      }
      p.append(report.check(.balanceOmnibus).pValue!)
    }
    // 80 lists at 0.05: more than 10 alarms have probability 0.004.
    for (id, count) in alarms { #expect(count <= 10, "\(id.rawValue): \(count) of \(Self.lists)") }
    // Uniform: the Kolmogorov-Smirnov distance beyond 1.63/√n has probability 0.01.
    let sorted = p.sorted()
    let distance = sorted.indices.map {
      max(
        abs(sorted[$0] - Double($0) / Double(Self.lists)),
        abs(sorted[$0] - Double($0 + 1) / Double(Self.lists)))
    }.max()!
    #expect(distance < 0.182)
  }
}
