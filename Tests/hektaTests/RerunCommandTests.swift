import Foundation
import Serialisation
import Testing

/// A run of the HELP trial by the program, made once.
private enum HelpReport {
  static let scratch: Swift.Result<ScratchFolder, any Error> = Swift.Result {
    let scratch = try ScratchFolder()
    for (name, options) in [("report", []), ("published", ["--compact"])] {
      let line = ["analyze", Fixture.path("help"), "--out", scratch.path(name)]
      let outcome = try HektaProcess.run(line + options)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    return scratch
  }

  /// A copy of one of the folders that a test may change.
  static func copy(of name: String, to scratch: ScratchFolder) throws -> String {
    let place = scratch.path(name)
    try FileManager.default.copyItem(atPath: try Self.scratch.get().path(name), toPath: place)
    return place
  }
}

/// Replaces the first occurrence of a text in a file.
private func replace(_ old: String, with new: String, in path: String) throws {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  let place = try #require(text.range(of: old), "\(old) in \(path)")
  try text.replacingCharacters(in: place, with: new).write(toFile: path, atomically: true, encoding: .utf8)
}

@Suite("hekta verify")
struct VerifyCommandTests {
  private let data = ["--data", Fixture.path("help")]

  @Test("what was published is verified, whole or compact", arguments: ["report", "published"])
  func agrees(name: String) throws {
    let folder = try HelpReport.scratch.get().path(name)
    let outcome = try HektaProcess.run(["verify", folder] + data)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("agree"))
    #expect(try HektaProcess.run(["verify", folder, "--exact"] + data).status == 0)
  }

  @Test("the committed results of the example trials still come out", arguments: ["help", "hekta"])
  func committed(trial: String) throws {
    let folder = Fixture.path("published/\(trial)")
    let outcome = try HektaProcess.run(["verify", folder, "--data", Fixture.path(trial)])
    #expect(
      outcome.status == 0, "scripts/publish-fixtures where it is meant: \(outcome.output)\(outcome.errors)")
    #expect(!outcome.errors.contains("plan:"), "the plan moved on: \(outcome.errors)")
  }

  @Test("the kept form of a run names neither a time nor a place of its own")
  func compact() throws {
    let folder = try HelpReport.scratch.get().path("published")
    let record = try String(contentsOfFile: folder + "/run.json", encoding: .utf8)
    #expect(!record.contains("started") && !record.contains("workingDirectory"))
    let files = try Fixture.contents(of: folder).keys
    #expect(!files.contains("report.html") && !files.contains("results.sqlite"))
    #expect(files.contains("tables/linkage-risk.csv") && files.contains("figures/linkage-km.svg"))
  }

  @Test(
    "a changed last printed digit is caught, in every form of a table",
    arguments: [
      ("tables/linkage-risk.csv", "linkage-risk:Risk difference"),
      ("tables/linkage-risk.json", "linkage-risk:Risk difference"),
      ("tables/linkage-risk.md", "tables/linkage-risk.md:"),
      ("tables/linkage-risk.html", "tables/linkage-risk.html:"), ("report.html", "report.html:"),
    ])
  func lastDigit(file: String, place: String) throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.copy(of: "report", to: scratch)
    try replace("31.2 to 47.3", with: "31.2 to 47.4", in: folder + "/" + file)
    let outcome = try HektaProcess.run(["verify", folder] + data)
    #expect(outcome.status == 5)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix(place) == true, "\(outcome.output)")
    #expect(outcome.output.contains("47.4") && outcome.output.contains("47.3"))
    #expect(outcome.output.contains("→"))
  }

  @Test("a figure that was changed, a table that is gone and a record that was edited are named")
  func others() throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.copy(of: "published", to: scratch)
    try replace("Seen at 6 months", with: "Seen at 7 months", in: folder + "/figures/flow.svg")
    try FileManager.default.removeItem(atPath: folder + "/tables/linkage-km.csv")
    try replace("\"estimate\": 4.78", with: "\"estimate\": 4.88", in: folder + "/results.json")
    let outcome = try HektaProcess.run(["verify", folder] + data)
    #expect(outcome.status == 5)
    #expect(outcome.output.contains("figures/flow.svg:"))
    #expect(outcome.output.contains("tables/linkage-km.csv not published → made"))
    #expect(outcome.output.contains("linkage-cox.crude/yes / no/armyes:hazard-ratio estimate 4.88"))
  }

  @Test(
    "records, tables and figures that are not there are missed, and one difference of a table is one line",
    arguments: [
      ("results.json", "results.json not published → made"),
      ("figures", "figures/linkage-km.svg not published → made"),
      ("tables", "tables/linkage-cox.csv not published → made"),
    ])
  func missing(name: String, line: String) throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.copy(of: "published", to: scratch)
    try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    let outcome = try HektaProcess.run(["verify", folder] + data)
    #expect(outcome.status == 5)
    #expect(outcome.output.split(separator: "\n").contains { $0 == line }, "\(outcome.output)")
    #expect(!outcome.output.contains(".json not published") || name == "results.json")
  }

  @Test("a plan that was changed beside its results is told, each cell once, each convention by its name")
  func changedPlan() throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.copy(of: "published", to: scratch)
    try replace("ties: efron", with: "ties: breslow", in: folder + "/plan.yml")
    let outcome = try HektaProcess.run(["verify", folder] + data)
    #expect(outcome.status == 5)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.contains("linkage-cox.crude/yes / no/armyes:hazard-ratio ties efron → breslow"))
    let cell = lines.filter { $0.hasPrefix("linkage-cox:HELP clinic v Usual care:Crude") }
    #expect(cell.count == 1, "\(cell)")
    #expect(outcome.errors.contains("plan: the copy beside the published results is not the plan"))
  }

  @Test(
    "what is no record of a run, and results that are no JSON, are 65 with the file's path",
    arguments: [("run.json", "[]"), ("run.json", "{"), ("results.json", "{"), ("tables/flow.json", "1 2")])
  func broken(name: String, text: String) throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.copy(of: "published", to: scratch)
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    let outcome = try HektaProcess.run(["verify", folder] + data)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("\(folder)/\(name): "), "\(outcome.errors)")
  }

  @Test("the plan gives a kind of statistic its tolerance")
  func tolerance() throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.copy(of: "published", to: scratch)
    try replace("\"estimate\": 4.783", with: "\"estimate\": 4.803", in: folder + "/results.json")
    #expect(try HektaProcess.run(["verify", folder] + data).status == 5)
    let plan = scratch.path("plan.yml")
    try FileManager.default.copyItem(atPath: folder + "/plan.yml", toPath: plan)
    for (tolerance, status) in [("0.05", Int32(0)), ("0.01 relative", 0), ("0.001", 5), ("exact", 5)] {
      var text = try String(contentsOfFile: folder + "/plan.yml", encoding: .utf8)
      text += "\nverify: {tolerance: {hazard-ratio: \(tolerance)}}\n"
      try text.write(toFile: plan, atomically: true, encoding: .utf8)
      let outcome = try HektaProcess.run(["verify", folder, "--plan", plan] + data)
      #expect(outcome.status == status, "\(tolerance): \(outcome.output)\(outcome.errors)")
    }
    try replace("exact}}", with: "near}}", in: plan)
    #expect(try HektaProcess.run(["verify", folder, "--plan", plan] + data).status == 65)
  }

  @Test("--github writes annotations at the published files and a summary")
  func github() throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.copy(of: "published", to: scratch)
    try replace("39.7 (31.2", with: "39.8 (31.2", in: folder + "/tables/linkage-risk.csv")
    let summary = scratch.path("summary.md")
    let outcome = try HektaProcess.run(
      ["verify", folder, "--github"] + data, environment: ["GITHUB_STEP_SUMMARY": summary])
    #expect(outcome.status == 5)
    #expect(
      outcome.output.hasPrefix("::error file=\(folder)/tables/linkage-risk.csv,line=4,title=linkage-risk%3A"))
    let text = try String(contentsOfFile: summary, encoding: .utf8)
    #expect(text.hasPrefix("### ❌"))
    #expect(text.contains("| 39.8 (31.2 to 47.3) \\[b\\] | 39.7 (31.2 to 47.3) \\[b\\] |"))
  }

  @Test("without a run it is 66, without the data too, and other data are told")
  func inputs() throws {
    let scratch = try ScratchFolder()
    #expect(try HektaProcess.run(["verify", scratch.path("none")]).status == 66)
    let folder = try HelpReport.scratch.get().path("published")
    #expect(try HektaProcess.run(["verify", folder, "--data", scratch.url.path]).status == 66)
    try FileManager.default.copyItem(atPath: Fixture.path("help"), toPath: scratch.path("trial"))
    try replace("\n37,yes,49", with: "\n57,yes,49", in: scratch.path("trial/help_baseline.csv"))
    let outcome = try HektaProcess.run(["verify", folder, "--data", scratch.path("trial")])
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("data: help_baseline.csv is not the file of the published run"))
    #expect(outcome.output.contains("baseline:Age, years"))
  }
}

@Suite("hekta diff")
struct DiffCommandTests {
  @Test("it is silent on none and ends with 5 on a change, whose cause it names")
  func causes() throws {
    let scratch = try ScratchFolder()
    let first = try HelpReport.scratch.get().path("report")
    #expect(try HektaProcess.run(["diff", first, first]).output.isEmpty)
    try FileManager.default.copyItem(atPath: Fixture.path("help"), toPath: scratch.path("trial"))
    try replace("ties: efron", with: "ties: breslow", in: scratch.path("trial/plan.yml"))
    let line = ["analyze", scratch.path("trial"), "--out", scratch.path("second")]
    #expect(try HektaProcess.run(line).status == 0)
    let outcome = try HektaProcess.run(["diff", first, scratch.path("second")])
    #expect(outcome.status == 5)
    #expect(outcome.output.hasPrefix("conventions: analyses[linkage-cox].ties: efron → breslow\n"))
    #expect(outcome.errors.contains("one ingredient replaced at a time"))
    let json = try HektaProcess.run(["diff", first, scratch.path("second"), "--no-rerun", "--format", "json"])
    #expect(json.status == 5)
    let difference = try JSONValue(parsing: json.output)
    #expect(difference["basis"] == "hashes")
    #expect(difference["changes"]?.elements.allSatisfy { $0["causes"]?.elements == [0] } == true)
  }
}

@Suite("hekta why")
struct WhyCommandTests {
  /// A cell with the records it shows.
  private struct Cell {
    var reference: String
    var records: [String]
  }

  private func cells() throws -> [Cell] {
    let folder = try HelpReport.scratch.get().path("report")
    let files = try Fixture.contents(of: folder + "/tables").filter { $0.key.hasSuffix(".json") }
    return try files.sorted { $0.key < $1.key }.flatMap { _, data -> [Cell] in
      let table = try JSONValue(parsing: String(decoding: data, as: UTF8.self))
      return (table["rows"]?.elements ?? []).enumerated().flatMap { row, content in
        (content["cells"]?.elements ?? []).enumerated().map { column, cell in
          Cell(
            reference: "\(table["id"]?.text ?? ""):\(row + 1):\(column + 1)",
            records: (cell["records"]?.elements ?? []).compactMap(\.text))
        }
      }
    }.filter { !$0.records.isEmpty }
  }

  /// Twenty cells drawn without replacement by a fixed generator (SplitMix64).
  private func draw(_ all: [Cell]) -> [Cell] {
    var state: UInt64 = 20_261_122
    func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    var rest = all
    return (0..<20).map { _ in rest.remove(at: Int(next() % UInt64(rest.count))) }
  }

  @Test("twenty random cells are refitted to the same digits by the command that it names")
  func refit() throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.scratch.get().path("report")
    let all = try cells()
    #expect(all.count > 200)
    var refitted = 0
    for cell in draw(all) {
      for record in cell.records {
        let frame = scratch.path("frame.csv")
        try? FileManager.default.removeItem(atPath: frame)
        let ask = ["why", folder, record, "--format", "json"]
        var told = try HektaProcess.run(ask + ["--frame", frame])
        // A command that takes counts reads no table.
        if told.status != 0 { told = try HektaProcess.run(ask) }
        try #require(told.status == 0, "\(record): \(told.errors)")
        let origin = try #require(JSONValue(parsing: told.output).elements.first)
        #expect(origin["reproduced"] == true, "\(record)")
        let refit = try #require(origin["refit"])
        guard refit != .null else { continue }
        var line = (refit["arguments"]?.elements ?? []).compactMap(\.text)
        if refit["frame"] != .null { line += ["--data", frame] }
        let again = try HektaProcess.run(line + ["--format", "json"])
        try #require(again.status == 0, "\(line): \(again.errors)")
        try compare(origin, refit, JSONValue(parsing: again.output))
        refitted += 1
      }
    }
    // A drawn cell of a test that no single command prints would leave nothing to compare.
    #expect(refitted >= 20)
  }

  /// Every number that the command prints is the record's, bit for bit.
  private func compare(_ origin: JSONValue, _ refit: JSONValue, _ output: JSONValue) throws {
    let numbers = refit["numbers"]?.elements ?? []
    #expect(!numbers.isEmpty)
    for number in numbers {
      let field = try #require(number["field"]?.text)
      let path = try #require(number["path"]?.text)
      var value = try #require(output.value(at: path)?.double, "\(path)")
      switch number["transform"]?.text {
      case "opposite": value = -value
      case "root": value = value.squareRoot()
      default: break
      }
      #expect(value == origin["record"]?[field]?.double, "\(origin["record"]?["id"]?.text ?? "") \(field)")
    }
  }

  @Test("a number with another software's beside it is carried out again with both")
  func also() throws {
    let scratch = try ScratchFolder()
    try FileManager.default.copyItem(atPath: Fixture.path("help"), toPath: scratch.path("trial"))
    try replace("rounding:", with: "also: sas\nrounding:", in: scratch.path("trial/plan.yml"))
    let run = try HektaProcess.run(["analyze", scratch.path("trial"), "--out", scratch.path("report")])
    try #require(run.status == 0, "\(run.errors)")
    let record = "linkage-cox.crude/yes / no/armyes:hazard-ratio"
    let told = try HektaProcess.run(["why", scratch.path("report"), record, "--format", "json"])
    let origin = try #require(JSONValue(parsing: told.output).elements.first)
    #expect(origin["record"]?["also"]?["profile"] == "sas")
    #expect(origin["reproduced"] == true)
    let line = (origin["refit"]?["arguments"]?.elements ?? []).compactMap(\.text)
    #expect(line.contains("efron") && !line.contains("breslow"), "\(line)")
  }

  @Test("a cell by its labels: data, rows, filter, formula, method, conventions, version, command")
  func text() throws {
    let folder = try HelpReport.scratch.get().path("report")
    let outcome = try HektaProcess.run(["why", folder, "linkage-cox:Age, years:Adjusted: HR (95% CI)"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let text = outcome.output
    let byName = try HektaProcess.run(["why", folder, "linkage-cox.adjusted/all/age:hazard-ratio"])
    #expect(byName.output.contains("hekta fit cox "))
    for part in [
      "help_baseline.csv  SHA-256 ", "470 of 470 randomised", "missing in the set: substance 1",
      "used: 444, dropped: 26", "Surv(dayslink, link) ~ arm + age", "Cox regression", "ties: efron",
      "hekta fit cox ", "estimate = .coefficients[1].estimate", "the same digits",
    ] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test(
    "counts are found among counts of their kind, and a check of the randomisation in its audit",
    arguments: [
      ("linkage-km/no/table@120:events", "fit km ", ".strata[0].at["),
      ("randomisation/all/check=runs:test", "randomisation ", ".checks["),
      ("randomisation/all/blocks=all:count", "randomisation ", ".blocks[0].complete"),
    ])
  func counts(record: String, command: String, path: String) throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.scratch.get().path("report")
    let frame = scratch.path("frame.csv")
    let told = try HektaProcess.run(["why", folder, record, "--frame", frame, "--format", "json"])
    try #require(told.status == 0, "\(told.errors)")
    let origin = try #require(JSONValue(parsing: told.output).elements.first)
    let refit = try #require(origin["refit"])
    let line = (refit["arguments"]?.elements ?? []).compactMap(\.text)
    #expect(line.joined(separator: " ").hasPrefix(command))
    #expect(refit["numbers"]?.elements.first?["path"]?.text?.hasPrefix(path) == true)
    let again = try HektaProcess.run(line + ["--data", frame, "--format", "json"])
    try #require(again.status == 0, "\(line): \(again.errors)")
    try compare(origin, refit, JSONValue(parsing: again.output))
  }

  @Test("what names no number is a usage error")
  func unknown() throws {
    let folder = try HelpReport.scratch.get().path("report")
    let outcome = try HektaProcess.run(["why", folder, "linkage-cox.crude/all/age:hazard"])
    #expect(outcome.status == 64)
    #expect(try HektaProcess.run(["why", folder, "linkage-risk:9999:1"]).status == 64)
    #expect(try HektaProcess.run(["why", folder + "-none", "a"]).status == 66)
  }

  @Test("the exported table is for the owner alone and holds no participant's key")
  func frame() throws {
    let scratch = try ScratchFolder()
    let folder = try HelpReport.scratch.get().path("report")
    let frame = scratch.path("frame.csv")
    let record = "cesd-lmm/all/armyes:visit24:coefficient"
    #expect(try HektaProcess.run(["why", folder, record, "--frame", frame]).status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: frame)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test(
    "numbers of resampling, competing events, imputation and several arms are refitted to the same digits",
    arguments: [
      "cost.bootstrap/long - usual/mean-difference", "cost.randomisation-test/short - usual/mean-difference",
      "risk/long - usual/randomisation-test:risk-difference", "risk/usual/risk",
      "two.adjusted-bootstrap/short / usual/armshort:mean-ratio", "two.adjusted/usual/zero:share",
      "imputed.mi/long - usual/armlong:mean-difference", "causes/short/2:events",
      "causes/long/curve=1@0:cumulative-incidence", "causes/usual/table@100:n-at-risk",
      "causes/usual/curve@59:censored", "table1/all/age:test", "table1/all/sex:test",
      "flow/usual/no-outcome:count", "km/usual/curve@0:survival",
    ])
  func resampled(record: String) throws {
    let scratch = try ScratchFolder()
    let folder = try ThreeArmsReport.scratch.get().path("report")
    let frame = scratch.path("frame.csv")
    let ask = ["why", folder, record, "--format", "json"]
    var told = try HektaProcess.run(ask + ["--frame", frame])
    if told.status != 0 { told = try HektaProcess.run(ask) }
    try #require(told.status == 0, "\(told.errors)")
    let origin = try #require(JSONValue(parsing: told.output).elements.first)
    let refit = try #require(origin["refit"])
    try #require(refit != .null, "no command")
    #expect(refit["absent"]?.elements.isEmpty == true)
    var line = (refit["arguments"]?.elements ?? []).compactMap(\.text)
    if refit["frame"] != .null { line += ["--data", frame] }
    let again = try HektaProcess.run(line + ["--format", "json"])
    try #require(again.status == 0, "\(line): \(again.errors)")
    try compare(origin, refit, JSONValue(parsing: again.output))
  }

  @Test("every row used, missing or left out is accounted for")
  func rows() throws {
    let folder = try ThreeArmsReport.scratch.get().path("report")
    for record in ["cost.adjusted/all/age:coefficient", "late/short / usual/armshort:hazard-ratio"] {
      let told = try HektaProcess.run(["why", folder, record, "--format", "json"])
      let origin = try #require(JSONValue(parsing: told.output).elements.first)
      let number = { (path: [String]) in path.reduce(origin) { $0[$1] ?? .null }.double ?? .nan }
      #expect(
        number(["record", "n"]) + number(["record", "dropped"]) == number(["rows", "inSet"]), "\(record)")
      #expect(origin["record"]?["droppedReason"]?.text != nil)
      let left = (origin["rows"]?["left"]?.elements ?? []).compactMap { $0["rows"]?.double }.reduce(0, +)
      #expect(number(["rows", "inSet"]) + left == number(["rows", "inFile"]), "\(record)")
    }
  }

  @Test("a name that several cells have is refused with their numbers, and every cell has one")
  func ambiguous() throws {
    let folder = try HelpReport.scratch.get().path("report")
    let told = try HektaProcess.run(["why", folder, "linkage-risk:Risk ratio:estimate"])
    #expect(told.status == 64)
    #expect(told.errors.contains("linkage-risk:#4:#3, linkage-risk:#11:#3"), "\(told.errors)")
    let second = try HektaProcess.run(["why", folder, "linkage-risk:#11:#3"])
    #expect(second.output.hasPrefix("linkage-risk.all-randomised/yes / no/risk-ratio\n"))
  }

  @Test("a test's statistic and a model's size lead to records")
  func statistics() throws {
    let folder = try HelpReport.scratch.get().path("report")
    for (cell, record) in [
      ("linkage-logrank:linkage-logrank/all/log-rank:test:estimate", "linkage-logrank/all/log-rank:test"),
      ("linkage-logistic:linkage-logistic/n:crude.estimate", "linkage-logistic.crude/"),
    ] {
      let told = try HektaProcess.run(["why", folder, cell])
      #expect(told.status == 0 && told.output.hasPrefix(record), "\(told.errors)")
    }
  }
}

/// A run of a trial of three arms, with analyses of many kinds.
private enum ThreeArmsReport {
  static let scratch: Swift.Result<ScratchFolder, any Error> = Swift.Result {
    let scratch = try ScratchFolder()
    let trial = scratch.path("trial")
    try FileManager.default.copyItem(
      atPath: Fixture.path("../Tests/TrialAnalysisTests/Data/three-arms"), toPath: trial)
    let plan = try String(contentsOfFile: trial + "/plan.yml", encoding: .utf8)
      .replacing(", bootstrap: 200}", with: ", bootstrap: 200, method: randomisation-test}")
      .replacing("required: true", with: "required: false")
    let more = """
        - {id: risk, kind: risk, title: Risk, set: stayed, outcome: event, risk-limits: jeffreys, method: randomisation-test}
        - {id: two, kind: two-part, title: Cost, set: stayed, outcome: visits, covariates: [age], bootstrap: 20}
        - {id: km, kind: km, title: Survival, set: stayed, time: time, outcome: event, axis: [100, 300]}
        - id: imputed
          kind: linear
          title: Cost
          outcome: cost_thousands
          imputation: {imputations: 3}
          variants: [{id: cc, covariates: [age]}, {id: mi, covariates: [age], missing: multiple-imputation}]

      """
    try (plan + more).write(toFile: trial + "/plan.yml", atomically: true, encoding: .utf8)
    let outcome = try HektaProcess.run(["analyze", trial, "--out", scratch.path("report")])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return scratch
  }
}

@Suite("hekta describe")
struct DescribeCommandTests {
  @Test("groups, quantiles and standardised differences are R's")
  func describe() throws {
    let file = Fixture.path("help/help_baseline.csv")
    let line = ["describe", "i1", "substance", "--data", file, "--by", "treat", "--format", "json"]
    let outcome = try HektaProcess.run(line)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let description = try JSONValue(parsing: outcome.output)
    // R 4.2.2: length, mean, sd, quantile(type = 7) of x <- d$i1[d$treat == "no"]; the difference of the means over
    // sqrt((var(x) + var(y))/2) with y <- d$i1[d$treat == "yes"]; table(d$treat, d$substance).
    let rows = try #require(description["rows"]?.elements)
    let figures: [(String, Double)] = [
      ("n", 235), ("missing", 0), ("mean", 19.285106382978725), ("sd", 20.52785244369641), ("median", 13),
      ("q1", 3), ("q3", 26),
    ]
    for (name, expected) in figures {
      #expect(abs((rows[0][name]?.double ?? .nan) - expected) < 1e-12 * max(1, expected), "\(name)")
    }
    let difference = description["standardisedDifferences"]?.elements.first
    #expect(difference?["contrast"] == "yes - no")
    #expect(abs((difference?["estimate"]?.double ?? 0) + 0.10192032515859473) < 1e-12)
    let substances = rows.first { $0["variable"] == "substance" && $0["treat"] == "no" }
    #expect(substances?["levels"]?.elements.compactMap { $0["count"]?.double } == [107, 70, 58, 0])
    #expect(try HektaProcess.run(["describe", "nothing", "--data", file]).status == 64)
    #expect(try HektaProcess.run(["describe", "age", "--data", file, "--by", "nothing"]).status == 64)
  }

  @Test("a filter and quantiles of another type; text for people")
  func options() throws {
    let file = Fixture.path("help/help_baseline.csv")
    let line = ["describe", "pcs", "--data", file, "--where", "age < 25", "--quantiles", "2"]
    let outcome = try HektaProcess.run(line)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("variable"))
    #expect(try HektaProcess.run(line + ["--format", "csv"]).output.hasPrefix("variable,n,missing,mean"))
  }
}
