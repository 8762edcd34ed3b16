import ModelFormula
import Testing

@testable import TrialData

/// Columns of few short texts are read by words of eight bytes; what only begins like one of them must not be taken for it.
@Suite("Columns of few texts")
struct ShortTextTests {
  @Test("texts that begin alike, quoted delimiters, blanks and missing values stay what they are")
  func alike() throws {
    let fields = [
      "a", "ab", "\"a,b\"", "", "abcdefgh", "abcdefghi", "not known", "a b", "NA", "\"a\"",
      "\"say \"\"x\"\"\"", "å",
    ]
    for columns in [fields, Array(fields.prefix(3)), ["IPS", "control", "IPS ", "IPSx"]] {
      let values = (0..<400).map { columns[$0 * 7 % columns.count] }
      let text = "id,arm,x\n" + values.enumerated().map { "\($0),\($1),1\n" }.joined()
      let file = try DelimitedFile(bytes: Array(text.utf8), path: "t.csv")
      guard case .categorical(let codes, let levels)? = try file.dataFrame()["arm"] else {
        Issue.record("arm is no category")
        return
      }
      for (code, value) in zip(codes, values) {
        let plain =
          value.hasPrefix("\"") ? value.dropFirst().dropLast().replacing("\"\"", with: "\"") : value[...]
        let expected = plain.isEmpty || plain == "NA" ? nil : String(plain)
        #expect((code < 0 ? nil : levels[Int(code)]) == expected)
      }
    }
  }

  @Test("a last field of the file without a line end is read")
  func lastField() throws {
    let text = "arm\n" + String(repeating: "IPS\ncontrol\n", count: 60) + "IPS"
    let column = try DelimitedFile(bytes: Array(text.utf8), path: "t.csv").dataFrame()["arm"]
    guard case .categorical(let codes, let levels)? = column else {
      Issue.record("arm is no category")
      return
    }
    #expect(levels == ["IPS", "control"])
    #expect(codes.count == 121 && codes.last == 0 && codes[1] == 1)
  }
}
