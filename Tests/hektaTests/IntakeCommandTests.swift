import Foundation
import Serialisation
import Testing

/// Checks and refusals of the intake, as a user meets them.
@Suite("hekta inspect, check and fit on bad input")
struct IntakeCommandTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func write(_ text: String, _ name: String) throws {
    try text.write(toFile: scratch.path(name), atomically: true, encoding: .utf8)
  }

  private func run(_ arguments: String...) throws -> HektaProcess.Outcome {
    try HektaProcess.run(arguments, in: scratch.url)
  }

  private static let codebook = """
    files:
      - file: people.csv
        key: [id]
        columns:
          - {name: id, type: id}
          - {name: age, type: integer, range: [18, 65], severity: warn, quasi-identifier: true}
          - {name: from, type: date}
          - {name: to, type: date}
        rules:
          - {name: order, check: to >= from, label: the end is not before the start}
          - {name: short, check: to - from < 400, severity: warn}
    """

  @Test(
    "check: warnings pass, and end with 3 under --strict; errors end with 65, warnings told beside them"
  )
  func severity() throws {
    try write(Self.codebook, "codebook.yml")
    try write(
      "id,age,from,to\nA,70,2020-01-01,2021-12-31\nB,30,2020-01-01,2020-02-01\n", "people.csv")
    let plain = try run("check", ".")
    #expect(plain.status == 0 && plain.output.contains("k-anonymity over age: k = 1; 2 rows alone"))
    #expect(
      plain.errors.contains("people.csv:2:age: a value above the range")
        && plain.errors.contains("[short]"))
    #expect(try run("check", ".", "--strict").status == 3)
    try write(
      "id,age,from,to\nA,70,2020-01-01,2019-12-31\nA,30,2020-01-01,2020-02-01\n", "people.csv")
    let bad = try run("check", ".")
    #expect(
      bad.status == 65 && bad.errors.contains("people.csv:2:to, from: a row that breaks the rule"))
    #expect(bad.errors.contains("people.csv:3:id: the key of line 2 again"))
    #expect(bad.errors.contains("warning: ./people.csv:2:age"))
    #expect(!bad.errors.contains("70") && !bad.errors.contains("2019"))
    #expect(try run("check", ".", "--show-values").errors.contains("'70'"))
  }

  @Test("check: pages of one fault are told by their lines, and --format json lists each")
  func manyFaults() throws {
    try write(Self.codebook, "codebook.yml")
    let rows = (0..<300).map { "P\($0),x,2020-01-01,2020-02-01\n" }.joined()
    try write("id,age,from,to\n" + rows + "Q,70,2020-01-01,2020-02-01\n", "people.csv")
    let text = try run("check", ".")
    #expect(text.status == 65 && text.output.isEmpty)
    #expect(
      text.errors.contains(
        "./people.csv:7:age: the same in 295 more lines: 7-301 [type]\n300 faults in all\n"))
    #expect(text.errors.split(separator: "\n").count == 8)
    let json = try run("check", ".", "--format", "json")
    let document = try JSONValue(parsing: json.output)
    let problems = try #require(document["problems"]).elements
    #expect(json.status == 65 && problems.count == 301)
    #expect(problems.compactMap { $0["line"] } == (2...302).map { .integer($0) })
    #expect(problems.last?["severity"] == .string("warn") && problems.last?["rule"] == .string("range"))
    try write("id,age,from,to\nQ,60,2020-01-01,2020-02-01\n", "people.csv")
    let good = try JSONValue(parsing: run("check", ".", "--format", "json").output)
    #expect(
      good["problems"]?.elements.isEmpty == true && good["files"]?.elements.first?["rows"] == .integer(1))
  }

  @Test(
    "the public data are inspected without a false alarm",
    arguments: ["help/help_baseline.csv", "help/help_followup.csv", "jobs2/jobs2.csv", "hekta/spells.csv"])
  func publicData(_ file: String) throws {
    let outcome = try HektaProcess.run(["inspect", Fixture.path(file)])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("inspect ends with 65 where a column has two readings, and drafts for the owner alone")
  func inspect() throws {
    try write("id;dag\n1;01/02/2020\n2;03/04/2020\n", "a.csv")
    let outcome = try run("inspect", "a.csv", "--codebook", "draft.yml")
    #expect(outcome.status == 65)
    #expect(
      outcome.output.contains(
        "day first (dmy): 2020-02-01 to 2020-04-03 | month first (mdy): 2020-01-02"))
    let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path("draft.yml"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    try write("files: []\n", "draft.yml")
    let again = try run("inspect", "a.csv", "--codebook", "draft.yml")
    #expect(again.status == 73 && again.output.isEmpty && again.errors.contains("--force replaces it"))
    #expect(try String(contentsOfFile: scratch.path("draft.yml"), encoding: .utf8) == "files: []\n")
    #expect(try run("inspect", "a.csv", "--codebook", "draft.yml", "--force").status == 65)
    #expect(try String(contentsOfFile: scratch.path("draft.yml"), encoding: .utf8).contains("a.csv"))
  }

  @Test(
    "a footer, and numbers with something beside them, are told; a title over the table and a second header stop the run"
  )
  func strayRows() throws {
    try write("id;y;x\n1;2;10 %\n2;4;20 %\n3;5;30 %\nTotalt;11;\n", "a.csv")
    let told = try run("describe", "y", "x", "--data", "a.csv")
    #expect(told.status == 0)
    #expect(
      told.errors.contains(
        "a.csv:5: a last row that begins as a footer does, taken as a row of data [footer]"))
    #expect(
      told.errors.contains(
        "a.csv:x: numbers with a unit, a sign or brackets beside each, taken as categorical"))
    for (text, found) in [
      ("Uttrekk 2021\nid;y\n1;2\n2;4\n", "a.csv:1: a first line without the semicolon"),
      ("id;y\n1;2\nid;y\n2;4\n", "a.csv:3: the header again"),
    ] {
      try write(text, "a.csv")
      let refused = try run("describe", "y", "--data", "a.csv")
      #expect(
        refused.status == 65 && refused.output.isEmpty && refused.errors.contains(found), "\(refused.errors)")
    }
  }

  @Test("a condition on a text that no row has is told")
  func absentText() throws {
    try write("y,sex\n1,f\n2,m\n4,f\n", "a.csv")
    let outcome = try run("fit", "lm", "y ~ 1", "--data", "a.csv", "--where", "sex != \"Male\"")
    #expect(outcome.status == 0 && outcome.errors == "warning: --where: no row has sex \"Male\"\n")
    #expect(try run("fit", "lm", "y ~ 1", "--data", "a.csv", "--where", "sex != 'm'").errors.isEmpty)
  }

  @Test("a full disk behind standard output is told, with exit 74")
  func fullDisk() throws {
    try write("id;dag\n1;01.02.2020\n", "a.csv")
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "\"$0\" inspect a.csv > /dev/full 2> err.txt", HektaProcess.program.path]
    shell.currentDirectoryURL = scratch.url
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 74)
    let errors = try String(contentsOfFile: scratch.path("err.txt"), encoding: .utf8)
    #expect(errors == "hekta: standard output: No space left on device\n")
  }

  @Test("a result never replaces its own input, by whatever name")
  func ownInput() throws {
    let text = "y,x\n1,2\n2,3\n4,1\n"
    try write(text, "a.csv")
    for out in [["--out", "a.csv"], ["--out=./a.csv"]] {
      let outcome = try HektaProcess.run(["fit", "lm", "y ~ x", "--data", "a.csv"] + out, in: scratch.url)
      #expect(outcome.status == 73 && outcome.errors.contains("an input of this command"))
    }
    #expect(try String(contentsOfFile: scratch.path("a.csv"), encoding: .utf8) == text)
    for _ in 0..<2 {
      let outcome = try run("fit", "lm", "y ~ x", "--data", "a.csv", "--out", "b.txt")
      #expect(outcome.status == 0, "a result of before is replaced")
    }
  }

  @Test(
    "a decimal comma is seen where nobody declares it; two marks, or a comma that may mean thousands, stop the run"
  )
  func decimalMarks() throws {
    try write("y;x;g\n1,5;1;a\n2,5;2;b\n4,25;3;a\n3,0;4;b\n", "a.csv")
    let seen = try run("fit", "lm", "y ~ x", "--data", "a.csv", "--format", "json")
    #expect(seen.status == 0, "\(seen.errors)")
    #expect(
      try run("fit", "lm", "y ~ x", "--data", "a.csv", "--decimal", ",", "--format", "json").output
        == seen.output)
    for (rows, found) in [
      ("1,5;1;a\n2.5;2;b\n4,25;3;a\n3,0;4;b\n", "beside numbers with a decimal point (line 3)"),
      ("1,500;1;a\n2,250;2;b\n4,125;3;a\n", "a decimal comma (1,234 = 1.234) or a thousands mark"),
    ] {
      try write("y;x;g\n" + rows, "b.csv")
      let outcome = try run("fit", "lm", "y ~ x", "--data", "b.csv")
      #expect(outcome.status == 65 && outcome.output.isEmpty && outcome.errors.contains(found))
    }
  }

  @Test(
    "fit and test look at the header before they read a row",
    arguments: [
      ["fit", "lm", "y ~ agge"], ["fit", "lm", "y ~ (age"],
      ["fit", "lm", "y ~ age", "--where", "agge > 3"],
      ["fit", "lm", "y ~ age", "--weights", "agge"], ["test", "t", "y ~ agge"],
    ])
  func header(arguments: [String]) throws {
    // The third line is no row: reading it is exit 65, a misspelt word 64.
    try write("y,age\n1,2\n1,2,3,4\n", "ragged.csv")
    let outcome = try HektaProcess.run(arguments + ["--data", "ragged.csv"], in: scratch.url)
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.contains("`age`") || outcome.errors.contains("expected"))
    #expect(try run("fit", "lm", "y ~ age", "--data", "ragged.csv").status == 65)
  }
}
