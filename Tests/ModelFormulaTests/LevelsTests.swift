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
