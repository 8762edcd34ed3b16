import ModelFormula
import Testing

@testable import TrialData

let sampleCodebook = """
  title: {en: A trial, nb: En studie}
  files:
    - file: people.csv
      label: Participants
      delimiter: ";"
      decimal: ","
      date-order: dmy
      key: [id]
      missing: {not-asked: "-8", refused: ["-9", x]}
      columns:
        - {name: id, type: id, unique: true}
        - name: arm
          type: categorical
          label: {en: Arm, nb: Gruppe}
          levels:
            - {value: no, label: {en: Usual care, nb: Vanlig}}
            - yes
        - {name: age, type: integer, unit: years, range: [18, 65], required: true}
        - {name: weight, type: numeric, thousands: blank}
        - {name: included, type: date, range: [2020-03-01, null], severity: warn}
        - {name: note, type: text, optional: true}
    - file: visits.csv
      name: visit
      links: [{columns: id, to: people}]
      columns:
        - {name: id, type: id}
        - {name: month, type: integer}
  """

func faults(_ yaml: String) -> [String] {
  do {
    _ = try Codebook(yaml: yaml, file: "codebook.yml")
    return []
  } catch {
    #expect(error.exitCode == 65)
    return error.problems.map(\.description)
  }
}

@Suite("Codebooks")
struct CodebookTests {
  @Test("what a codebook says")
  func reading() throws {
    let codebook = try Codebook(yaml: sampleCodebook, file: "codebook.yml")
    let people = try #require(codebook["people"])
    #expect(codebook.title == Wording("A trial", nb: "En studie"))
    #expect(people.reading.delimiter == .semicolon && people.reading.decimalMark == .comma)
    #expect(people["arm"]?.levels.map(\.value) == ["no", "yes"], "no stays a text")
    #expect(people["arm"]?.levels[0].label.norwegian == "Vanlig")
    #expect(people["age"]?.minimum == 18 && people["age"]?.maximum == 65)
    #expect(people["included"]?.minimum == Double(CalendarDay(year: 2020, month: 3, day: 1)!.number))
    #expect(people["included"]?.maximum == nil && people["included"]?.severity == .warn)
    #expect(people["age"]?.missing == ["-8": .notAsked, "-9": .refused, "x": .refused])
    #expect(codebook["visit"]?.links[0].target == "people")
    #expect(codebook.sha256.count == 64)
  }

  @Test("every fault, with its place and the nearest key")
  func everyFault() {
    let text = """
      files:
        - file: a.csv
          delimeter: ","
          key: [idd]
          columns:
            - {name: id, type: identifier}
            - name: age
              type: numeric
              range: [65, 18]
              lable: Age
            - {name: arm, type: categorical}
            - {name: age, type: text, levels: [a]}
          links: [{columns: [id], to: other}]
      """
    #expect(
      faults(text) == [
        "codebook.yml:3:5: files[1].delimeter: unknown key 'delimeter', 'delimiter' expected",
        "codebook.yml:4:11: files[1].key[1]: found 'idd', 'id' expected",
        "codebook.yml:6:20: files[1].columns[1].type: found 'identifier', one of numeric, integer, categorical, date, text, id expected",
        "codebook.yml:9:9: files[1].columns[2].range: a smallest value above the largest, [smallest, largest] expected",
        "codebook.yml:10:9: files[1].columns[2].lable: unknown key 'lable', 'label' expected",
        "codebook.yml:11:9: files[1].columns[3]: no levels, a list under 'levels' expected, the reference first",
        "codebook.yml:12:33: files[1].columns[4].levels: levels of a column of type text, type categorical expected",
        "codebook.yml:12:10: files[1].columns[4].name: the column 'age' twice, distinct names expected",
        "codebook.yml:13:29: files[1].links[1].to: found 'other', one of a expected",
      ])
  }

  @Test(
    "a misspelt type is one fault, whatever else is said of the column",
    arguments: ["range: [1, 2]", "levels: [a]"])
  func misspeltType(more: String) {
    let text = "files:\n  - file: a.csv\n    columns: [{name: x, type: numbr, \(more)}]\n"
    #expect(
      faults(text) == [
        "codebook.yml:3:25: files[1].columns[1].type: found 'numbr', one of numeric, integer, categorical, date, text, id expected"
      ])
  }

  @Test("a rule that asks for a level that the column does not have, or takes a date for a number")
  func foreignLevels() {
    func found(_ check: String) -> [String] {
      faults(
        """
        files:
          - file: a.csv
            columns: [{name: sex, type: categorical, levels: [f, m]}, {name: x, type: integer}, {name: d, type: date}]
            rules: [{name: r, check: "\(check)"}]
        """)
    }
    for check in [
      "x > 2 | sex != 'K'", "!('K' == sex)", "ifelse(sex %in% c('f', 'K'), x > 1, TRUE)", "sex == 1",
    ] {
      #expect(found(check).first?.contains("is no level of 'sex', one of f, m expected") == true)
    }
    #expect(found("sex == 'f' | x == 3 | sex %in% c('f', 'm')").isEmpty)
    #expect(found("d > 2021").first?.contains("the date 'd' beside a number") == true)
    #expect(found("d > '2021-01-31' & d - x > 18").isEmpty)
  }

  @Test(
    "text that is no YAML, or not a mapping",
    arguments: ["a: [1", "a: 1\na: 2", "- x", "", "a: 'b", "\t- a: b"])
  func notYAML(text: String) {
    #expect(faults(text).first?.hasPrefix("codebook.yml:") == true)
  }
}

@Suite("Data sets checked against a codebook")
struct DatasetTests {
  let directory = TemporaryDirectory()

  init() throws {
    try directory.write("id;month\nA1;0\nA2;6\n", "visits.csv")
    try directory.write(
      "id;arm;age;weight;included\nA1;no;30;1\u{a0}234,5;01.03.2020\nA2;yes;40;-9;2.4.2021\n", "people.csv")
  }

  func load(showValues: Bool = false) throws -> TrialDataset {
    try TrialDataset.load(
      directory: directory.path, codebook: Codebook(yaml: sampleCodebook, file: "codebook.yml"),
      showValues: showValues)
  }

  func refusals(showValues: Bool = false) throws -> [String] {
    do {
      _ = try load(showValues: showValues)
      return []
    } catch let error as DataError {
      return error.problems.map { String($0.description.dropFirst(directory.path.count + 1)) }
    }
  }

  @Test("typed columns, missing kinds and provenance")
  func typed() throws {
    let data = try load()
    let people = try #require(data["people"])
    #expect(people.frame.names == ["id", "arm", "age", "weight", "included"])
    #expect(people.frame["arm"] == .categorical(codes: [0, 1], levels: ["no", "yes"]))
    guard case .numeric(let weight)? = people.frame["weight"] else { throw Failure() }
    #expect(weight[0] == 1234.5 && weight[1].isNaN)
    #expect(people.missing["weight"] == [1: .refused])
    #expect(people.missingCounts(of: "weight") == [.refused: 1])
    #expect(
      people.frame["included"]
        == .date([
          CalendarDay(year: 2020, month: 3, day: 1)!.number,
          CalendarDay(year: 2021, month: 4, day: 2)!.number,
        ]))
    #expect(people.provenance.rows == 2 && people.provenance.sha256.count == 64)
    #expect(data.warnings.isEmpty)
  }

  @Test("every violation of every file in one run, by line, column and rule, without values")
  func violations() throws {
    try directory.write(
      """
      id;arm;age;weight;included
      A1;maybe;30;1;01.03.2020
      A1;no;17;1,5;31.02.2021
      A3;no;;1.5;01.01.2020
      ;yes;2x;12 34;03/04/2021

      """, "people.csv")
    try directory.write("id;month\nA9;0,5\n", "visits.csv")
    let found = try refusals()
    #expect(
      found == [
        "people.csv:2:arm: a text of 5 characters, one of 'no', 'yes' expected [levels]",
        "people.csv:3:id: the value of line 2 again, distinct values expected [unique]",
        "people.csv:3:age: a value below the range, at least 18 expected [range]",
        "people.csv:3:included: a date-like text of 10 characters, a date that exists, day first (or YYYY-MM-DD), expected [type]",
        "people.csv:3:id: the key of line 2 again, distinct keys expected [key]",
        "people.csv:4:age: a missing value, a value in every row expected [required]",
        "people.csv:4:weight: a number of 3 characters, a number with a decimal comma expected [type]",
        "people.csv:5:age: a text of 2 characters, a whole number expected [type]",
        "people.csv:5:weight: a text of 5 characters, a number with a decimal comma expected [type]",
        "people.csv:5:id: a row whose key is missing, a key in every row expected [key]",
        "visits.csv:2:month: a number with a comma, of 3 characters, a whole number expected [type]",
        "visits.csv:2:id: a row without a match in people.csv, a row there with the same id expected [link]",
      ])
    #expect(try refusals(showValues: true).contains { $0.contains("'maybe'") })
  }

  @Test("a range that only warns, and columns that nobody declared")
  func warnings() throws {
    try directory.write(
      "id;arm;age;weight;included;extra\nA1;no;30;1;01.03.2019;q\nA2;no;30;1;01.03.2020;q\n", "people.csv")
    let warnings = try load().warnings.map { String($0.description.dropFirst(directory.path.count + 1)) }
    #expect(
      warnings == [
        "people.csv:1:extra: a column that the codebook does not declare, not read [columns]",
        "people.csv:2:included: a value below the range, at least 2020-03-01 expected [range]",
      ])
  }

  @Test("absent columns with the nearest name, absent files as no input")
  func absent() throws {
    try directory.write("id;arms;age;weight;included\nA1;no;30;1;01.03.2020\n", "people.csv")
    let refusal = try refusals()[0]
    #expect(refusal.hasPrefix("people.csv:1:arm: no such column") && refusal.contains("'arms'"))
    unlinkFile("\(directory.path)/visits.csv")
    do { _ = try load() } catch let error as DataError { #expect(error.exitCode == 66) }
  }

  @Test("marks and orders are decided per column, or stop the run")
  func decided() throws {
    let codebook = try Codebook(
      yaml: """
        files:
          - file: t.csv
            columns: [{name: d, type: date}, {name: x, type: numeric}]
        """, file: "c.yml")
    func read(_ text: String) throws -> TrialDataset {
      try directory.write(text, "t.csv")
      return try TrialDataset.load(directory: directory.path, codebook: codebook)
    }
    let april = CalendarDay(year: 2020, month: 4, day: 3)!.number
    #expect(try read("d;x\n03.04.2020;1,5\n")["t"]!.frame["d"] == .date([april]))
    #expect(try read("d;x\n03/04/2020;1\n13/04/2020;2\n")["t"]!.frame["d"] == .date([april, april + 10]))
    #expect(try read("d;x\n04/03/2020;1\n04/13/2020;2\n")["t"]!.frame["d"] == .date([april, april + 10]))
    #expect(try read("d;x\n20200403;1\n2020-04-03;2\n")["t"]!.frame["d"] == .date([april, april]))
    for bad in [
      "d;x\n03/04/2020;1\n", "d;x\n13/04/2020;1\n04/13/2020;1\n", "d;x\n2020-04-03;1,234\n",
      "d;x\n2020-04-03;1,5\n2020-04-03;1.5\n",
    ] { #expect(throws: DataError.self) { try read(bad) } }
  }

  struct Failure: Error {}
}

@Suite("Dates")
struct CalendarDateTests {
  @Test("day numbers and back over eight centuries")
  func roundTrip() {
    #expect(CalendarDay(year: 1970, month: 1, day: 1)?.number == 0)
    #expect(CalendarDay(year: 2000, month: 2, day: 29)?.number == 11016)
    #expect(CalendarDay(year: 1900, month: 2, day: 29)?.number == nil)
    #expect(CalendarDay(year: 2021, month: 4, day: 31)?.number == nil)
    for day in stride(from: Int32(-140_000), to: 150_000, by: 1) {
      let (y, m, d) = CalendarDay(number: day).components
      #expect(CalendarDay(year: y, month: m, day: d)?.number == day)
    }
  }

  @Test("calendar months clip to the month's end")
  func months() {
    func on(_ y: Int, _ m: Int, _ d: Int) -> Int32 { CalendarDay(year: y, month: m, day: d)!.number }
    #expect(CalendarDay(number: on(2020, 8, 31)).adding(months: 18).number == on(2022, 2, 28))
    #expect(CalendarDay(number: on(2022, 8, 31)).adding(months: 18).number == on(2024, 2, 29))
    #expect(CalendarDay(number: on(2020, 3, 1)).adding(months: 18).number == on(2021, 9, 1))
    #expect(CalendarDay(number: on(2020, 1, 31)).adding(months: -3).number == on(2019, 10, 31))
    #expect(CalendarDay(number: on(2020, 8, 31)).iso == "2020-08-31")
  }

  @Test(
    "an 18-month window has 546 to 549 days over the planned inclusion dates, as often as counted by hand")
  func windowLengths() {
    var counts: [Int32: Int] = [:]
    let first = CalendarDay(year: 2020, month: 3, day: 1)!.number
    for day in first...CalendarDay(year: 2022, month: 2, day: 28)!.number {
      counts[CalendarDay(number: day).adding(months: 18).number - day, default: 0] += 1
    }
    #expect(counts == [546: 244, 547: 122, 548: 126, 549: 238])
  }

  @Test(
    "numbers in groups",
    arguments: [
      ("1 234,5", 1234.5), ("12 345 678", 12_345_678), ("-1 000", -1000), ("\u{2212}5", -5), ("1234", 1234),
      ("0,5", 0.5),
    ] as [(String, Double)])
  func grouped(text: String, value: Double) {
    #expect(GroupedNumber.parse(text, decimal: .comma, thousands: .blank) == value)
  }

  @Test(
    "broken groups are no numbers",
    arguments: ["1 23", "1234 567", " ", "1  234", "1,234 567", "1 234 ", "0 500", "012 345"])
  func brokenGroups(text: String) {
    let value = GroupedNumber.parse(text, decimal: .comma, thousands: .blank)
    #expect(value == (text == "1 234 " ? 1234 : nil))
  }
}
