import Serialisation
import Testing

@Suite("Paths into JSON")
struct JSONPathTests {
  private let value: JSONValue = ["a": [["b.c": 1], ["b.c": 2, "d": "x"]], "e.f": 3]

  @Test("members by name, by quoted name, and elements by number")
  func paths() {
    #expect(value.value(at: ".a[1].d") == "x")
    #expect(value.value(at: ".a[1][\"b.c\"]") == 2)
    #expect(value.value(at: ".[\"e.f\"]") == 3)
    #expect(value.value(at: "") == value)
  }

  @Test("a path that leads nowhere", arguments: [".b", ".a[2]", ".a[x]", ".a[0", ".a[0].d", "a"])
  func nowhere(path: String) { #expect(value.value(at: path) == nil) }
}

@Suite("JSON")
struct JSONTests {
  @Test(
    "writes doubles that read back bit for bit", arguments: [0.1, 1.0 / 3, 1e-300, 6.02214076e23, -5e-324])
  func roundTrip(value: Double) {
    let text = JSONValue.number(value).text(indented: false)
    #expect(Double(text)?.bitPattern == value.bitPattern)
  }

  @Test("keeps the order of members and escapes text")
  func members() {
    let value: JSONValue = ["b": 1, "a": ["x\"\\\n\u{1}", nil, true, 0.5]]
    #expect(value.text(indented: false) == #"{"b":1,"a":["x\"\\\n\u0001",null,true,0.5]}"#)
  }

  @Test("writes what is not finite as null")
  func notFinite() {
    #expect(JSONValue.numbers([.nan, .infinity, 2]).text(indented: false) == "[null,null,2]")
  }

  @Test("indents objects and keeps flat arrays on a line")
  func indented() {
    let value: JSONValue = ["a": [1, 2], "b": [["c": 3]], "d": []]
    #expect(
      value.text(indented: true) == """
        {
          "a": [1, 2],
          "b": [
            {
              "c": 3
            }
          ],
          "d": []
        }

        """)
  }
}

@Suite("Text tables")
struct TextTableTests {
  let table = TextTable(header: ["term", "n"], rows: [["a|b", "1"], ["long, \"name\"", "23"]])

  @Test("aligns words left and numbers right")
  func plain() {
    #expect(
      table.plain == """
        term           n
        ────────────────
        a|b            1
        long, "name"  23

        """)
  }

  @Test("quotes CSV fields that need it")
  func csv() {
    #expect(table.csv == "term,n\na|b,1\n\"long, \"\"name\"\"\",23\n")
  }

  @Test("escapes the bar in Markdown")
  func markdown() {
    #expect(table.markdown.contains("| a\\|b | 1 |"))
  }
}

@Suite("Reading JSON")
struct JSONParsingTests {
  @Test("what was written reads back the same")
  func roundTrip() throws {
    let value: JSONValue = [
      "a": [1, -2, 0.1, 1e300, nil, true, false], "b": ["c": "æ \"\\ \n \u{1F600}"], "d": [], "e": [:],
    ]
    #expect(try JSONValue(parsing: value.text(indented: true)) == value)
    #expect(try JSONValue(parsing: value.text(indented: false)) == value)
  }

  @Test("escapes and surrogate pairs")
  func escapes() throws {
    #expect(try JSONValue(parsing: #""\u00e6\ud83d\ude00\/""#) == .string("æ😀/"))
  }

  @Test(
    "faults are refused",
    arguments: [
      "", "{", "[1,]", "{\"a\" 1}", "01", "1.", "1e", "\"a", "\"\\x\"", "nul", "1 2", "\"\\ud83d\"", "[1 2]",
      "-",
    ])
  func faults(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test("nesting beyond reason is refused, not overflowed")
  func depth() {
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: String(repeating: "[", count: 100_000))
    }
  }
}
