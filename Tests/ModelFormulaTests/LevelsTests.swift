import ModelFormula
import Testing

@Suite("Levels of columns")
struct LevelsTests {
  private func table() -> DataFrame {
    DataFrame([
      ("dose", .numeric([10, 9, .nan, 100, 9])),
      ("arm", .categorical(["TAU", "IPS", nil, "TAU", "Wait"])),
      ("day", .date([0, 31, Column.missingDay, 31, 0])),
    ])
  }

  @Test("a number becomes categorical with its levels in numeric order")
  func makeCategorical() throws {
    var data = table()
    try data.makeCategorical("dose")
    #expect(data["dose"] == .categorical(codes: [1, 0, -1, 2, 0], levels: ["9", "10", "100"]))
    try data.makeCategorical("arm")
    #expect(data["arm"] == table()["arm"])
    try data.makeCategorical("day")
    #expect(
      data["day"] == .categorical(codes: [0, 1, -1, 1, 0], levels: ["1970-01-01", "1970-02-01"]))
  }

  @Test(
    "texts get levels sorted by Unicode scalar, in whatever order they come",
    arguments: [
      ["P001", "P001", "P002", "P010", nil], ["P002", "P001", "P010", "P002", nil], ["b", "a", "c", "a"],
      ["a", "ab", "b", "abc", "aa", ""], ["Å", "A", "Z", "a", "ø", "Ø", "å"], [nil, nil], [],
      // One text in two spellings is one level: the second is decomposed, with another text between.
      ["e\u{301}", "f", "\u{e9}", "f"], ["\u{e9}", "e\u{301}"],
      // Seven characters are few, eight are many; a text that another begins with comes first.
      ["abcdefg", "abcdef", "\u{7f}", "abcdefh", "abcdef\0", nil, ""],
      ["abcdefgh", "abcdefg", "abcdefg", "a"],
      (0..<9000).map { "E\($0 * 7919 % 5003)" },
    ] as [[String?]])
  func texts(_ texts: [String?]) {
    guard case .categorical(let codes, let levels) = Column.categorical(texts) else { return }
    #expect(codes.map { $0 < 0 ? nil : levels[Int($0)] } == texts)
    #expect(Set(levels).count == levels.count)
    #expect(levels.count == Set(texts.compactMap { $0 }).count)
    #expect(levels == levels.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) })
  }

  @Test("levels take the order given")
  func order() throws {
    var data = table()
    try data.setLevels(of: "arm", to: ["Wait", "TAU", "IPS"])
    #expect(data["arm"] == .categorical(codes: [1, 2, -1, 1, 0], levels: ["Wait", "TAU", "IPS"]))
    try data.setLevels(of: "dose", to: ["100", "9", "10"])
    #expect(data["dose"] == .categorical(codes: [2, 1, -1, 0, 1], levels: ["100", "9", "10"]))
  }

  @Test("unknown columns and levels name the nearest")
  func faults() throws {
    var data = table()
    func fault(_ column: String, _ levels: [String]) throws -> FormulaError {
      try #require(throws: FormulaError.self) { try data.setLevels(of: column, to: levels) }
    }
    #expect(try fault("amr", []).suggestions == ["arm"])
    #expect(
      try fault("arm", ["TAU", "IPSS", "Wait"]).description
        == "`arm` has no level `IPSS`; did you mean `IPS`?")
    #expect(try fault("arm", ["TAU", "IPS"]).kind == .unknownLevel)
    #expect(try fault("arm", ["TAU", "IPS", "IPS", "Wait"]).kind == .unsuitable)
    #expect(throws: FormulaError.self) { try data.makeCategorical("dosse") }
  }
}
