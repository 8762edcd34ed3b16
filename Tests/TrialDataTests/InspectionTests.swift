import Testing

@testable import TrialData

@Suite("Import certificates")
struct InspectionTests {
  let directory = TemporaryDirectory()

  func certificate(_ text: String) throws -> ImportCertificate {
    try directory.write(text, "f.csv")
    return try ImportCertificate(path: directory.path + "/f.csv")
  }

  func reading(_ values: [String], name: String = "x") throws -> ColumnCertificate {
    try #require(try certificate("\(name);z\n" + values.map { "\($0);1\n" }.joined()).columns.first)
  }

  @Test("numbers by their marks")
  func numbers() throws {
    #expect(try reading(["1", "2"]).reading == .number(decimal: .point, thousands: nil, isWhole: true))
    #expect(try reading(["1.5", "2"]).reading == .number(decimal: .point, thousands: nil, isWhole: false))
    #expect(
      try reading(["1,5", "2,250"]).reading == .number(decimal: .comma, thousands: nil, isWhole: false))
    #expect(
      try reading(["1 234,5", "12"]).reading == .number(decimal: .comma, thousands: .blank, isWhole: false))
    #expect(
      try reading(["1.234,5", "12"]).reading == .number(decimal: .comma, thousands: .point, isWhole: false))
    #expect(
      try reading(["1.234.567", "12"]).reading == .number(decimal: .comma, thousands: .point, isWhole: true))
    guard case .ambiguous(let readings) = try reading(["1,234", "2,345"]).reading else {
      Issue.record("not ambiguous")
      return
    }
    #expect(readings.count == 2)
  }

  @Test("digits that are no numbers, and two decimal marks in a column")
  func identifiersAndMarks() throws {
    let municipalities = try reading(["0301", "1103", "4601"])
    #expect(municipalities.reading == .identifier && municipalities.lines == [2])
    #expect(try reading(["0301", "1103", "0301", "1103"]).reading == .categories(["0301", "1103"]))
    #expect(try reading(["9007199254740993", "1", "2", "3", "4"]).reading == .identifier)
    #expect(
      try reading(["0.5", "0", "10"]).reading == .number(decimal: .point, thousands: nil, isWhole: false))
    let marks = try reading(["1", "1,5", "2.5"])
    guard case .ambiguous = marks.reading else {
      Issue.record("not ambiguous")
      return
    }
    #expect(marks.lines == [3, 4])
  }

  @Test("the few texts among numbers, and the dates that do not exist, are named by their lines")
  func exceptions() throws {
    let numbers = try reading(["1", "2", "12o", "4"])
    #expect(numbers.evidence == "3 of 4 values are numbers, the others are not" && numbers.lines == [4])
    let dates = try reading(["01.02.2020", "31.02.2020", "03.02.2020"])
    #expect(dates.evidence == "dates of which some do not exist" && dates.lines == [3])
  }

  @Test("lines and line ends as the file has them")
  func lines() throws {
    let text = try certificate("id;by\r1;Tromsø\r2;Oslo\r3;Bodø\r").text
    #expect(text.contains("valid UTF-8 (lines 2, 4)\n") && text.contains("line ends CR\n"))
    #expect(try certificate("id;by\n1;Bodø\n").text.contains("valid UTF-8 (line 2)\n"))
    #expect(try certificate("id;by").text.contains("line ends none\n"))
    #expect(try certificate("id;by\n1;Bod").text.contains("line ends LF, none behind the last row\n"))
  }

  @Test("dates by their order")
  func dates() throws {
    #expect(try reading(["2020-01-02"]).reading == .date(.ymd))
    #expect(try reading(["01.02.2020"]).reading == .date(.dmy))
    #expect(try reading(["01.02.2020"]).evidence.hasPrefix("points between the parts"))
    #expect(try reading(["01.02.2020", "13.02.2020"]).evidence == "a first part above 12")
    #expect(try reading(["01/02/2020", "13/02/2020"]).reading == .date(.dmy))
    #expect(try reading(["01/02/2020", "01/13/2020"]).reading == .date(.mdy))
    #expect(try reading(["20200102"], name: "startdato").reading == .date(.ymd))
    #expect(try reading(["20200102"]).reading == .number(decimal: .point, thousands: nil, isWhole: true))
    let open = try certificate("x;z\n01/02/2020;1\n")
    #expect(open.ambiguities.count == 1 && open.ambiguities[0].line == 2)
  }

  @Test("a year of two digits leaves its century open, and often its order")
  func shortYears() throws {
    let points = try reading(["01.03.20", "02.04.21"])
    #expect(
      points.alternatives == [
        "day first (dmy), years 2000 to 2099: 2020-03-01 to 2021-04-02",
        "day first (dmy), years 1900 to 1999: 1920-03-01 to 1921-04-02",
      ])
    #expect(points.evidence == "a year of two digits does not say its century" && points.lines == [2])
    #expect(try reading(["01/03/20", "13/04/21"]).alternatives.count == 4, "year first or day first")
    #expect(try reading(["01/03/40", "13/04/41"]).alternatives.count == 2)
    let beside = try reading(["01.03.2020", "01.03.20", "."])
    #expect(beside.alternatives == ["years 2000 to 2099", "years 1900 to 1999"] && beside.lines == [3])
    #expect(try reading(["1.2.3", "1.2.10"]).reading == .categories(["1.2.10", "1.2.3"]), "chapters")
    #expect(try reading(["010320", "020420"], name: "dato").alternatives.count == 6)
    #expect(
      try reading(["110320", "120420"]).reading == .number(decimal: .point, thousands: nil, isWhole: true))
  }

  @Test("a spreadsheet's days in a column that is called a date")
  func spreadsheetDays() throws {
    let days = try reading(["44197", "44561", "-9"], name: "startdato")
    #expect(
      days.alternatives == [
        "a spreadsheet's days counted from 1900: 2021-01-01 to 2021-12-31",
        "a spreadsheet's days counted from 1904: 2025-01-02 to 2026-01-01", "numbers: -9 to 44561",
      ])
    for name in ["kandidatnr", "x", "updates"] {
      #expect(
        try reading(["44197", "44561"], name: name).reading
          == .number(decimal: .point, thousands: nil, isWhole: true))
    }
    #expect(
      try reading(["44197", "3"], name: "dato").reading
        == .number(decimal: .point, thousands: nil, isWhole: true))
  }

  @Test("missing values, customary and suspected")
  func missing() throws {
    let column = try reading(["1", "", ".", "NA", "3", "999", "."])
    #expect(column.missing.map(\.text) == ["", ".", "NA"] && column.missing.map(\.count) == [1, 2, 1])
    #expect(column.suspectedCodes == [999] && column.range == 1...3)
    #expect(
      try reading(["a", "b", "a", "b", ".", "."]).reading == .categories([".", "a", "b"]),
      "a text of its own among texts")
  }

  @Test("texts, identifiers and categories")
  func texts() throws {
    #expect(try reading((0..<30).map { "A\($0)" }).reading == .identifier)
    #expect(try reading((0..<30).map { "k\($0 % 3)" }).reading == .categories(["k0", "k1", "k2"]))
    #expect(try reading(["", ""]).reading == .empty)
  }

  @Test("a draft that is itself a codebook, which reads the file")
  func draft() throws {
    let text =
      "id;arm;dato;vekt;svar\n"
      + (0..<24).map {
        "P\($0);\($0 % 2 == 0 ? "no" : "ja: \"x\"");0\($0 % 9 + 1).11.2020;7\($0),5;\($0 % 4 == 0 ? "." : "1")"
      }
      .joined(separator: "\n").replacing("ja: \"x\"", with: "\"ja: \"\"x\"\"\"")
    let certificate = try certificate(text)
    let yaml = CodebookDraft([certificate]).yaml
    let codebook = try Codebook(yaml: yaml, file: "draft.yml")
    let data = try TrialDataset.load(directory: directory.path, codebook: codebook)
    #expect(data.files[0].frame.rowCount == 24 && data.warnings.isEmpty)
    #expect(data.files[0].codebook.columns.map(\.type) == [.id, .categorical, .date, .numeric, .integer])
    #expect(data.files[0].missingCounts(of: "svar") == [.unknown: 6])
    #expect(certificate.text.contains("Windows") == false && certificate.text.contains("24 rows, 5 columns"))
  }
}
