import Foundation
import Testing
import TrialData

@testable import TrialAnalysis

/// The four people of the derivation tests, before and after a newer extract that was written by hand.
@Suite("What changed between two extracts")
final class VintageComparisonTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "vintages-\(UUID().uuidString)")
  private let original = HelpTrial.fixture("../Tests/TrialAnalysisTests/Data/jobs")

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func prepared(_ directory: String) throws -> PlanRunner.PreparedData {
    let plan = try PlanRunner.plan(path: directory + "/plan.yml")
    return try PlanRunner(plan: plan, dataDirectory: directory).prepare(
      codebook: Codebook(path: directory + "/codebook.yml"))
  }

  /// The comparison with a copy of the files in which some texts are replaced.
  private func comparison(
    _ changes: [String: String] = [:], of original: String? = nil
  ) throws -> VintageComparison {
    let original = original ?? self.original
    try FileManager.default.copyItem(atPath: original, toPath: folder.path)
    for (name, text) in changes { try AtomicOutput.write(text, to: folder.path + "/" + name) }
    return try VintageComparison(old: prepared(original), new: prepared(folder.path))
  }

  @Test("the same files, or their rows in another order, differ in nothing")
  func same() throws {
    let spells = try String(contentsOfFile: original + "/spells.csv", encoding: .utf8).split(separator: "\n")
    let reordered = ([spells[0]] + spells.dropFirst().reversed()).joined(separator: "\r\n") + "\r\n"
    let comparison = try comparison(["spells.csv": reordered])
    #expect(!comparison.differs && comparison.participantCount == 4)
    #expect(
      comparison.files.first { $0.name == "spells" }?.old?.sha256
        != comparison.files.first { $0.name == "spells" }?.new?.sha256)
    #expect(comparison.outcomes.allSatisfy { $0.participants == 0 })
  }

  @Test("spells that end later, are gone or new, with the outcomes that follow from them")
  func spells() throws {
    let comparison = try comparison([
      "spells.csv": """
      id,establishment,start,end,position_pct,full_time_hours,type
      D,e5,2021-03-01,2021-03-02,100,37.5,ordinary
      A,e9,2021-01-01,2021-01-10,50,37.5,ordinary
      A,e1,2020-09-07,2020-09-20,50,37.5,ordinary
      B,e1,2020-05-17,2020-06-15,100,37.5,ordinary
      C,e3,2019-12-01,2020-06-30,100,37.5,ordinary
      D,e4,2021-02-01,,100,37.5,pension

      """
    ])
    #expect(comparison.participants.map(\.id) == ["A", "D"])
    let a = comparison.participants[0]
    #expect(a.rows.map(\.file) == ["spells"])
    #expect(
      a.rows[0].added == 1 && a.rows[0].removed == 1 && a.rows[0].changed == 1 && a.rows[0].columns == ["end"]
    )
    #expect(
      a.rows[0].values == [.init(name: "end", row: "e1 2020-09-07", old: "2020-09-16", new: "2020-09-20")])
    // 7 to 20 September are 14 days, 1 to 10 January another 10; as many jobs as before.
    let days = try #require(a.outcomes.first { $0.name == "days_worked" })
    #expect(days == .init(name: "days_worked", row: nil, old: "10", new: "24"))
    #expect(a.outcomes.map(\.name) == ["days_worked", "hours", "longest_job_days"])
    let d = comparison.participants[1]
    #expect(d.rows[0].added == 1 && d.rows[0].removed == 0 && d.rows[0].changed == 0)
    #expect(d.outcomes.contains(.init(name: "employed", row: nil, old: "0", new: "1")))
    #expect(d.outcomes.contains(.init(name: "days_to_first_job", row: nil, old: nil, new: "45")))
    let counts = Dictionary(uniqueKeysWithValues: comparison.outcomes.map { ($0.name, $0.participants) })
    #expect(counts["days_worked"] == 2 && counts["employed"] == 1 && counts["symptoms_6"] == 0)
  }

  @Test("a visit answered anew changes its score, and what is taken from that visit")
  func visits() throws {
    let text = try String(contentsOfFile: original + "/visits.csv", encoding: .utf8)
    let comparison = try comparison([
      "visits.csv": text.replacingOccurrences(of: "D,6,3,3,3", with: "D,6,4,4,4")
    ])
    #expect(comparison.participants.map(\.id) == ["D"])
    #expect(comparison.participants[0].rows[0].columns == ["q1", "q2", "q3"])
    #expect(
      comparison.participants[0].outcomes.filter {
        $0.name.hasPrefix("symptoms") && !$0.name.contains("answered")
      }
        == [
          .init(name: "symptoms_6", row: nil, old: "3", new: "4"),
          .init(name: "symptoms", row: "6", old: "3", new: "4"),
        ])
  }

  @Test("pay of a month that is another, by establishment and month")
  func pay() throws {
    let trial = HelpTrial.fixture("hekta")
    let text = try String(contentsOfFile: trial + "/pay.csv", encoding: .utf8)
    let row = "P001,E67242,2020-07,3263,"
    try #require(text.contains(row))
    let comparison = try comparison(
      ["pay.csv": text.replacingOccurrences(of: row, with: "P001,E67242,2020-07,9999,")], of: trial)
    let person = try #require(comparison.participants.first)
    #expect(comparison.participants.count == 1 && person.outcomes.map(\.name) == ["earnings"])
    #expect(
      person.rows[0].values == [
        .init(name: "cash_pay", row: "E67242 2020-07", old: "3263", new: "9999")
      ])
  }

  @Test("participants who come and go, and a plan that differs")
  func participants() throws {
    let people =
      try String(contentsOfFile: original + "/people.csv", encoding: .utf8)
      .replacingOccurrences(of: "C,treated,2020-03-01\n", with: "") + "E,control,2020-05-05\n"
    func without(_ name: String) throws -> String {
      try String(contentsOfFile: original + "/" + name, encoding: .utf8).split(separator: "\n")
        .filter { !$0.hasPrefix("C,") }.joined(separator: "\n") + "\n"
    }
    let plan = try String(contentsOfFile: original + "/plan.yml", encoding: .utf8) + "# a remark\n"
    let comparison = try comparison([
      "people.csv": people, "spells.csv": without("spells.csv"), "pay.csv": without("pay.csv"),
      "visits.csv": without("visits.csv"), "plan.yml": plan,
    ])
    #expect(comparison.participants.map(\.id) == ["C", "E"])
    #expect(comparison.participants.map(\.presence) == [.removed, .added])
    #expect(comparison.planChanged && !comparison.codebookChanged && comparison.participantCount == 5)
  }
}
