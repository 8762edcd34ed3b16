import ModelFormula
import TestSupport
import Testing

@testable import TrialData

/// The scale of an instrument, its items i1, i2, …
private func scale(_ instrument: Instrument, _ extra: String = "") throws -> Scale {
  let items = (1...instrument.answers.count).map { "i\($0)" }
  let columns =
    items.map { "{name: \($0), type: integer}" } + [
      "{name: sex, type: categorical, levels: [f, m]}", "{name: vas, type: integer}",
    ]
  let yaml = """
    files:
      - file: a.csv
        columns: [\(columns.joined(separator: ", "))]
        scales: [{instrument: \(instrument.rawValue), items: [\(items.joined(separator: ", "))]\(extra)}]
    """
  return try #require(try Codebook(yaml: yaml, file: "c.yml")["a"]?.scales.first)
}

private func frame(_ rows: [[Double]], sex: [String?]? = nil) -> DataFrame {
  var frame = DataFrame(
    rows[0].indices.map { k in ("i\(k + 1)", Column.numeric(rows.map { $0[k] })) },
    lines: rows.indices.map { $0 + 2 })
  if let sex { frame["sex"] = .categorical(sex, levels: ["f", "m"]) }
  return frame
}

@Suite("Scales")
struct ScaleTests {
  @Test("largest and smallest sums: AUDIT 0-40, DUDIT 0-44, IPS-25 25-125")
  func extremes() throws {
    for (instrument, low, high) in [(Instrument.audit, 0.0, 40.0), (.dudit, 0, 44), (.ips25, 25, 125)] {
      let scale = try scale(instrument)
      let least = scale.items.map { $0.answers == .whole(1...5) ? 1.0 : 0 }
      let most = scale.items.map { $0.answers == .whole(1...5) ? 5.0 : 4 }
      #expect(scale.score(least) == low && scale.score(most) == high)
    }
  }

  @Test(
    "the edges of the bands of IPS fidelity and the AUDIT zones",
    arguments: [
      (73, "not supported employment"), (74, "fair"), (99, "fair"), (100, "good"), (114, "good"),
      (115, "exemplary"),
    ] as [(Double, String)])
  func fidelityBands(score: Double, band: String) throws {
    let scale = try scale(.ips25)
    #expect(scale.band(of: score).map { scale.bands[$0].label.english } == band)
    let audit = try self.audit
    #expect([7, 8, 15, 16, 19, 20].map { audit.band(of: $0) } == [0, 1, 1, 2, 2, 3])
  }

  @Test(
    "the parts of IPS fidelity: 3 items of staffing, 8 of organisation, 14 of services; none where an item is unanswered"
  )
  func fidelityParts() throws {
    let scale = try scale(.ips25)
    // 3 ones, 8 twos and 14 threes; then the same without the fourth item.
    let first = (0..<25).map { $0 < 3 ? 1.0 : $0 < 11 ? 2.0 : 3.0 }
    var second = first
    second[3] = .nan
    let columns = try scale.scored(frame([first, second]), file: "a.csv")
    #expect(
      columns.map(\.name) == [
        "ips25", "ips25_answered", "ips25_band", "ips25_staffing", "ips25_organisation", "ips25_services",
      ])
    let texts = columns.map(\.column.texts)
    #expect(texts.map { $0[0] } == ["61", "25", "not supported employment", "3", "16", "42"])
    #expect(texts.map { $0[1] } == [nil, "24", nil, "3", nil, "42"])
  }

  var audit: Scale { get throws { try scale(.audit) } }

  @Test("HSCL-10: 1.85 is a case, 1.84 is not; the mean of the answered where the codebook allows it")
  func distress() throws {
    #expect(Scale.reaches(1.85, 1.85) && !Scale.reaches(1.84, 1.85))
    let complete = try scale(.hscl10)
    var answers = [2, 2, 2, 2, 2, 2, 2, 2, 1, 1].map(Double.init)
    expectClose(try #require(complete.score(answers)), 1.8, relative: 1e-15)
    answers[9] = .nan
    #expect(complete.score(answers) == nil, "no rule, no score")
    let lenient = try scale(.hscl10, ", minimum-answered: 8")
    expectClose(try #require(lenient.score(answers)), 17.0 / 9, relative: 1e-15)
    answers[8] = .nan
    answers[7] = .nan
    #expect(lenient.score(answers) == nil)
  }

  @Test(
    "answers that an item does not allow are refused by line: 1 in item 9 of AUDIT, 3 in item 11 of DUDIT")
  func forbidden() throws {
    var rows = [[Double]](repeating: Array(repeating: 0, count: 11), count: 2)
    rows[1][10] = 3
    rows[0][0] = 5
    do {
      _ = try scale(.dudit).scored(frame(rows), file: "a.csv")
      Issue.record("scored")
    } catch let error as DataError {
      #expect(
        error.problems.map(\.description) == [
          "a.csv:2:i1: an answer that the item does not allow, a whole number from 0 to 4 expected [dudit]",
          "a.csv:3:i11: an answer that the item does not allow, one of 0, 2, 4 expected [dudit]",
        ])
    }
  }

  @Test("cut-offs by sex where the codebook tells it, and only then")
  func cutOffs() throws {
    let row = [4, 4, 4, 1, 0, 0, 0, 0, 0, 0].map(Double.init)
    let rows = frame([row, row, row], sex: ["f", "m", nil])
    #expect(
      try audit.scored(rows, file: "a").map(\.name) == [
        "audit", "audit_answered", "audit_band", "audit_hazardous",
      ])
    let bySex = try scale(.audit, ", sex: {column: sex, women: f, men: m}").scored(rows, file: "a")
    guard case .numeric(let dependence)? = bySex.last?.column else { return }
    #expect(
      bySex.last?.name == "audit_dependence" && dependence[0] == 1 && dependence[1] == 0
        && dependence[2].isNaN)
  }

  @Test("EQ-5D-5L is a profile and a VAS, without an index")
  func healthState() throws {
    var rows = frame([[1, 1, 2, 3, 5], [1, 1, 2, .nan, 5]])
    rows["vas"] = .numeric([80, 100])
    let columns = try scale(.eq5d5l, ", vas: vas").scored(rows, file: "a")
    #expect(columns.map(\.name) == ["eq5d5l", "eq5d5l_answered", "eq5d5l_vas"])
    #expect(columns[0].column == .text(["11235", nil]))
  }

  @Test("a scale of one's own: reversed items, prorated sums, bands")
  func own() throws {
    let yaml = """
      files:
        - file: a.csv
          columns: [{name: a, type: integer}, {name: b, type: integer}, {name: c, type: integer}]
          scales:
            - {name: w, score: sum, items: [a, b, c], range: [1, 5], reversed: [b], minimum-answered: 2, prorate: true,
               bands: [{from: 3, label: low}, {from: 10, label: high}]}
      """
    let scale = try #require(try Codebook(yaml: yaml, file: "c.yml")["a"]?.scales.first)
    #expect(scale.score([5, 1, 5]) == 15 && scale.score([1, 5, 1]) == 3)
    #expect(scale.score([4, .nan, 5]) == 13.5)
    #expect(scale.score([4, .nan, .nan]) == nil)
    #expect(scale.band(of: 9.9) == 0 && scale.band(of: 10) == 1 && scale.band(of: 2) == nil)
  }

  @Test("what is wrong with a scale's description")
  func faultsOfScales() {
    func found(_ scale: String) -> String {
      faults("files: [{file: a.csv, columns: [{name: a, type: integer}], scales: [\(scale)]}]").joined(
        separator: "\n")
    }
    #expect(found("{instrument: AUDITT, items: [a]}").contains("'AUDIT' expected"))
    #expect(found("{instrument: AUDIT, items: [a]}").contains("the 10 columns of AUDIT"))
    #expect(
      found("{name: x, items: [b], score: sum, range: [0, 1]}").contains("found 'b', one of a expected"))
    #expect(
      found("{name: x, items: [a, a], score: sum, range: [0, 1], minimum-answered: 1}").contains("prorate"))
    #expect(found("{name: x, items: [a], score: sum}").contains("no range of answers"))
    #expect(
      found("{name: x, items: [a, a], score: sum, range: [0, 1]}").contains("the item 'a' twice, distinct"))
  }

  @Test("a file may lack the optional columns of a scale until its score is asked for")
  func optionalItems() throws {
    let directory = TemporaryDirectory()
    try directory.write("a\n3\n", "t.csv")
    let yaml = """
      files:
        - file: t.csv
          columns: [{name: a, type: integer}, {name: b, type: integer, optional: true}]
          scales: [{name: s, items: [a, b], score: sum, range: [0, 1]}]
      """
    let codebook = try Codebook(yaml: yaml, file: "c.yml")
    let data = try TrialDataset.load(directory: directory.path, codebook: codebook)
    #expect(data.files[0].frame.names == ["a"])
    #expect(throws: DataError.self) {
      try ScoreTable(path: directory.path + "/t.csv", codebook: codebook)
    }
  }

  @Test("a level of sex that the column does not have would leave the cut-offs empty")
  func unknownSex() throws {
    let items = (1...10).map { "a\($0)" }
    func yaml(_ sex: String, women: String = "f") -> String {
      let columns = items.map { "{name: \($0), type: integer}" } + ["{name: sex, \(sex)}"]
      return """
        files:
          - file: t.csv
            columns: [\(columns.joined(separator: ", "))]
            scales:
              - {instrument: AUDIT, items: [\(items.joined(separator: ", "))], sex: {column: sex, women: \(women), men: m}}
        """
    }
    let levels = "type: categorical, levels: [f, m, other]"
    #expect(faults(yaml(levels, women: "kvinne")).first?.contains("found 'kvinne'") == true)
    #expect(faults(yaml(levels, women: "m")).first?.contains("'m' for men and women") == true)
    #expect(faults(yaml(levels)).isEmpty)
    let directory = TemporaryDirectory()
    try directory.write(
      (items + ["sex"]).joined(separator: ",") + "\n0,0,0,0,0,0,0,0,0,0,F\n5,0,0,0,0,0,0,0,x,1,f\n", "t.csv")
    do {
      _ = try TrialDataset.load(
        directory: directory.path, codebook: Codebook(yaml: yaml("type: text"), file: "c.yml"))
      Issue.record("loaded")
    } catch {
      // With the check of the files, each cell once, and together with what else is wrong.
      #expect(
        error.problems.map { String($0.description.dropFirst(directory.path.count + 1)) } == [
          "t.csv:2:sex: a value that is neither sex's, 'f' or 'm' expected [audit]",
          "t.csv:3:a9: a text of 1 character, a whole number expected [type]",
          "t.csv:3:a1: an answer that the item does not allow, a whole number from 0 to 4 expected [audit]",
          "t.csv:3:a10: an answer that the item does not allow, one of 0, 2, 4 expected [audit]",
        ])
    }
  }
}

@Suite("Rules between columns")
struct RuleTests {
  let directory = TemporaryDirectory()

  func load(_ rule: String) throws -> TrialDataset {
    try directory.write("a,b,s\n1,2,x\n3,2,y\n,2,x\n", "t.csv")
    let yaml = """
      files:
        - file: t.csv
          columns: [{name: a, type: numeric}, {name: b, type: numeric}, {name: s, type: categorical, levels: [x, y]}]
          rules: [\(rule)]
      """
    return try TrialDataset.load(directory: directory.path, codebook: Codebook(yaml: yaml, file: "c.yml"))
  }

  @Test("a broken rule is named with its row, a missing value obeys")
  func broken() throws {
    do {
      _ = try load("{name: order, check: 'a <= b | s == \"x\"'}")
      Issue.record("loaded")
    } catch let error as DataError {
      #expect(
        error.problems.map { String($0.description.dropFirst(directory.path.count + 1)) } == [
          #"t.csv:3:a, b, s: a row that breaks the rule, a <= b | s == "x" expected [order]"#
        ])
    }
    let warned = try load("{name: order, check: 'a <= b', severity: warn, label: a up to b}")
    #expect(warned.warnings.count == 1 && warned.warnings[0].expected == "a up to b expected")
    #expect(throws: DataError.self) { try load("{name: order, check: 'a <= q'}") }
    #expect(throws: DataError.self) { try load("{name: order, check: 'a <='}") }
  }
}

@Suite("Files with their scores")
struct ScoreTableTests {
  @Test("the file's own columns as written, then the scores")
  func table() throws {
    let directory = TemporaryDirectory()
    try directory.write("id;a;b;note\n01;1;2;\"x;y\"\n02;5;;\n", "q.csv")
    let yaml = """
      files:
        - file: q.csv
          columns: [{name: id, type: id}, {name: a, type: integer}, {name: b, type: integer}]
          scales: [{name: w, score: mean, items: [a, b], range: [1, 5]}]
      """
    let table = try ScoreTable(path: directory.path + "/q.csv", codebook: Codebook(yaml: yaml, file: "c.yml"))
    #expect(
      String(decoding: table.csv, as: UTF8.self)
        == "id,a,b,note,w,w_answered\n01,1,2,x;y,1.5,2\n02,5,,,NA,1\n")
    #expect(
      table.json.text(indented: false)
        == #"[{"id":"01","a":1,"b":2,"note":"x;y","w":1.5,"w_answered":2},{"id":"02","a":5,"b":null,"note":null,"w":null,"w_answered":1}]"#
    )
    #expect(table.warnings.count == 1)
  }
}
