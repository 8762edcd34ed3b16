import Foundation
import Serialisation
import TestSupport
import Testing

@Suite("hekta randomisation")
struct RandomisationCommandTests {
  private func json(_ arguments: [String]) throws -> JSONValue {
    let outcome = try HektaProcess.run(
      ["randomisation"] + arguments + ["--format", "json", "--draws", "199"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue(parsing: outcome.output)
  }

  /// Sixteen participants in blocks of four.
  private func list(_ change: (inout [String]) -> Void = { _ in }) throws -> (ScratchFolder, String) {
    let arms = "ABBABAABAABBBABA".map(String.init)
    var rows = arms.enumerated().map { i, arm in
      "P\(i + 1);\(arm);2024-01-\(10 + i);2024-01-0\(i % 9 + 1);\(i % 2 == 0 ? "north" : "south")"
    }
    change(&rows)
    let scratch = try ScratchFolder()
    let text = "id;arm;date;measured;site\n" + rows.joined(separator: "\n") + "\n"
    try text.write(toFile: scratch.path("list.csv"), atomically: true, encoding: .utf8)
    return (scratch, scratch.path("list.csv"))
  }

  @Test("JOBS II: standardised differences and d² as R computes them by the same formulas")
  func jobs() throws {
    let report = try json([
      "--data", Fixture.path("jobs2/jobs2.csv"), "--id", "id", "--arm", "treat", "--arms", "0,1", "--ratio",
      "1:2",
      "--control", "0", "--baseline", "econ_hard,depress1,sex,age,occp,marital,nonwhite,educ,income",
    ])
    // R 4.2.2: (mean(x[t]) - mean(x[!t])) / sqrt((var(x[t]) + var(x[!t])) / 2), with p(1 - p) for two levels, and
    // sqrt(d' solve(S) d) over all levels but the first for several
    let expected: [(String, String?, Double)] = [
      ("econ_hard", nil, -0.0059666789037831382), ("depress1", nil, -0.052084112184343639),
      ("sex", "1", -0.1178706376603295), ("age", nil, 0.035277820803252966),
      ("occp", nil, 0.14132477411996711),
      ("marital", nil, 0.090608613600716995), ("nonwhite", "white0", 0.019278955540750761),
      ("educ", nil, 0.084011198205804827), ("income", nil, 0.10383828583417153),
    ]
    for (variable, level, value) in expected {
      let row = report["balance"]?.elements.first {
        $0["variable"]?.text == variable && $0["level"]?.text == level
      }
      expectClose(try #require(row?["smd"]?.double, "\(variable)"), value, relative: 1e-10)
    }
    // u' ginv(V) u with V = n1 n0 / n * cov(X), X the numbers and the indicators of levels
    expectClose(try #require(report["omnibus"]?["statistic"]?.double), 13.843369859836727, relative: 1e-9)
    #expect(report["omnibus"]?["df"]?.double == 23)
    expectClose(try #require(report["omnibus"]?["p.value"]?.double), 0.93126886155044186, relative: 1e-9)
    #expect(report["n"]?.double == 899)
    #expect(report["arms"]?.elements.map { $0["n"]?.double } == [299, 600])
  }

  @Test("HELP: standardised differences and d² as R computes them")
  func help() throws {
    let report = try json([
      "--data", Fixture.path("help/help_baseline.csv"), "--id", "id", "--arm", "treat", "--na", "missing",
      "--baseline", "age,female,racegrp,homeless,substance,satreat,g1b,cesd,pcs,mcs,pss_fr,d1,i1,i2",
      "--outcomes",
      "link,dayslink",
    ])
    let expected: [(String, Double)] = [
      ("age", -0.17121500170525281), ("female", -0.010019054322047126), ("racegrp", 0.12843921359953808),
      ("homeless", 0.093938210531708949), ("substance", 0.25167255196723698),
      ("satreat", -0.13285220110723228),
      ("d1", -0.20077952249838232), ("i2", -0.050849082540456614),
    ]
    for (variable, value) in expected {
      let row = report["balance"]?.elements.first { $0["variable"]?.text == variable }
      expectClose(try #require(row?["smd"]?.double), value, relative: 1e-10, because: variable)
    }
    expectClose(try #require(report["omnibus"]?["statistic"]?.double), 18.244231176754827, relative: 1e-9)
    let missing = report["checks"]?.elements.first { $0["id"]?.text == "missing-by-arm" }
    #expect(missing?["status"]?.text == "warn")
    #expect(report["flow"]?["randomised"]?.double == 470)
  }

  @Test("planted faults are found with the lines of the file, and --strict ends with 3")
  func faults() throws {
    let (scratch, path) = try list { rows in
      rows[6] = rows[6].replacing("P7;", with: "P3;")
      rows[8] = rows[8].replacing(";A;", with: ";C;")
      rows[12] = rows[12].replacing("2024-01-22", with: "2024-01-12")
    }
    let arguments = [
      "--data", path, "--id", "id", "--arm", "arm", "--arms", "A,B", "--date", "date", "--baseline-date",
      "measured",
      "--blocks", "4", "--window", "2024-01-10..2024-01-24", "--strata", "site",
    ]
    let report = try json(arguments)
    func rows(_ id: String) -> [Double] {
      report["checks"]?.elements.first { $0["id"]?.text == id }?["rows"]?.elements.compactMap(\.double) ?? []
    }
    #expect(rows("duplicate-id") == [4, 8])
    #expect(rows("unknown-arm") == [10])
    #expect(rows("date-order") == [14])
    #expect(rows("date-outside-window") == [17])
    #expect(report["checks"]?.elements.count == 15)
    let strict = try HektaProcess.run(["randomisation"] + arguments + ["--strict", "--draws", "99"])
    #expect(strict.status == 3 && strict.errors.contains("duplicate-id") && !strict.output.isEmpty)
    _ = scratch
  }

  @Test("text and markdown say the same, the seed decides, and options that cannot be are refused")
  func forms() throws {
    let (scratch, path) = try list()
    func run(_ more: [String]) throws -> HektaProcess.Outcome {
      try HektaProcess.run(
        ["randomisation", "--data", path, "--id", "id", "--arm", "arm", "--draws", "199"] + more)
    }
    let text = try run(["--blocks", "4"])
    #expect(text.status == 0 && text.output.contains("permuted-block (4)"))
    #expect(try run(["--blocks", "4"]).output == text.output)
    #expect(try run(["--blocks", "4", "--format", "markdown"]).output.contains("| block-structure | pass |"))
    for (arguments, word) in [
      (["--arms", "A,B", "--ratio", "1:1:1"], "--ratio"), (["--blocks", "5"], "multiples of 2"),
      (["--strata", "sit"], "site"), (["--window", "2024"], "--window"),
      (["--design", "coin"], "minimisation"),
      (["--control", "C"], "--control"), (["--design", "minimisation"], "factors"),
      (["--draws", "5"], "--draws"),
    ] {
      let outcome = try run(arguments)
      #expect(outcome.status == 64 && outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
    }
    let date = try run(["--date", "site"])
    #expect(date.status == 65 && date.errors.contains("list.csv:2:site: a text that is no date"))
    #expect(!date.errors.contains("north"))
    _ = scratch
  }

  @Test(
    "every design can be drawn again",
    arguments: ["simple", "complete", "stratified", "permuted-block", "minimisation"])
  func designs(_ design: String) throws {
    let (scratch, path) = try list()
    let report = try json([
      "--data", path, "--id", "id", "--arm", "arm", "--strata", "site", "--design", design, "--baseline",
      "measured",
    ])
    #expect(report["design"]?["name"]?.text == design)
    _ = scratch
  }

  @Test(
    "effects under draws of the design: the difference of means, two levels as 0 and 1, limits at a level")
  func effects() throws {
    let (scratch, path) = try list { rows in
      for i in rows.indices { rows[i] += ";\(i * 5 % 7);\(i % 3 == 0 ? "yes" : "no")" }
    }
    defer { withExtendedLifetime(scratch) {} }
    let text = try String(contentsOfFile: path, encoding: .utf8).replacing(
      "site\n", with: "site;score;worked\n")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let arguments = ["--data", path, "--id", "id", "--arm", "arm", "--arms", "A,B", "--control", "A"]
    let effects = try json(arguments + ["--effects", "score,worked", "--conf-level", "0.8"])["effects"]?
      .elements
    let score = try #require(effects?.first)
    // Means of 5i mod 7 and shares of i mod 3 = 0 in the places of A and B of ABBABAABAABBBABA, by hand.
    expectClose(try #require(score["estimate"]?.double), 25.0 / 8 - 22.0 / 8, absolute: 1e-12)
    #expect(score["contrast"]?.text == "B - A" && score["n"]?.double == 16 && score["draws"]?.double == 199)
    #expect(score["conf.level"]?.double == 0.8)
    let worked = try #require(effects?.last)
    expectClose(try #require(worked["estimate"]?.double), 1.0 / 8 - 5.0 / 8, absolute: 1e-12)
    #expect(worked["p.value"]?.double != nil)
    #expect(try json(arguments)["effects"] == nil)
    let refused = try HektaProcess.run(["randomisation"] + arguments + ["--effects", "id"])
    #expect(refused.status == 64)
  }
}
