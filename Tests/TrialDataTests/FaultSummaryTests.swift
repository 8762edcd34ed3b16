import Testing

@testable import TrialData

@Suite("Faults by the page")
struct FaultSummaryTests {
  private func problem(_ line: Int, _ column: String = "age", found: String = "a value above the range")
    -> DataProblem
  {
    DataProblem(
      file: "p.csv", line: line, column: column, found: found, expected: "at most 65 expected", rule: "range")
  }

  @Test("eight of a kind are told one by one, in the order of the file")
  func few() {
    let problems = (2...9).flatMap { [problem($0), problem($0, "weight")] }
    #expect(DataError(problems).description == problems.map(\.description).joined(separator: "\n"))
  }

  @Test(
    "of a kind that fills pages the first five are told, then the lines of all others, and how many there are in all"
  )
  func many() {
    let lines = Array(2...326) + [400, 402, 403]
    var problems = lines.map { problem($0, found: "a text of \($0) characters") }
    problems.insert(problem(3, "weight"), at: 2)
    #expect(
      DataError(problems, omitted: 2).description.split(separator: "\n").suffix(5) == [
        "p.csv:6:age: a text of 6 characters, at most 65 expected [range]",
        "p.csv:7:age: the same in 323 more lines: 7-326, 400, 402-403 [range]",
        "p.csv:3:weight: a value above the range, at most 65 expected [range]", "and 2 more",
        "331 faults in all",
      ])
    #expect(problems.lines.count == 7)
  }

  @Test("shown values do not make kinds, and kinds are of one file, column and rule")
  func kinds() {
    let shown = (2...40).map { problem($0, found: "'it''s \($0)'") }
    #expect(shown.lines.count == 6)
    let mixed = (2...40).map { problem($0, $0 % 2 == 0 ? "a" : "b") }
    #expect(mixed.lines.count == 12)
  }

  @Test("stretches without end are cut, and their end is told")
  func stretches() {
    let line = (0..<500).map { problem(2 + 2 * $0) }.lines.last ?? ""
    #expect(
      line.hasPrefix("p.csv:12:age: the same in 495 more lines: 12, 14, 16")
        && line.hasSuffix(", … to 1000 [range]"))
  }

  @Test("the faults of a codebook are told by themselves")
  func written() {
    let columns = (0..<30).map { "{name: c\($0), type: numbr}" }.joined(separator: ", ")
    do {
      _ = try Codebook(yaml: "files: [{file: a.csv, columns: [\(columns)]}]", file: "c.yml")
      Issue.record("took a type that is none")
    } catch { #expect(error.description.split(separator: "\n").count == 30) }
  }

  @Test("a file whose every row is wrong tells all its lines")
  func wholeFile() throws {
    let rows = (0..<3000).map { "\($0);\($0 % 3 == 0 ? "x" : "1")\n" }.joined()
    let directory = TemporaryDirectory()
    try directory.write("id;n\n" + rows, "f.csv")
    let codebook = try Codebook(
      yaml: "files: [{file: f.csv, columns: [{name: id, type: id}, {name: n, type: integer}]}]", file: "c.yml"
    )
    do {
      _ = try TrialDataset.load(directory: directory.path, codebook: codebook)
      Issue.record("took texts for numbers")
    } catch {
      #expect(error.problems.count == 1000 && error.omitted == 0)
      #expect(error.description.hasSuffix("1000 faults in all"))
    }
  }
}
