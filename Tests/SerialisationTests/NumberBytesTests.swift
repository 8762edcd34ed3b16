import Serialisation
import Testing

@Suite("Shortest decimals")
struct NumberBytesTests {
  /// What Swift prints, without ".0" of moderate whole numbers.
  private func expected(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15
      ? (value == 0 && value.sign == .minus ? "-0.0" : String(Int(value))) : value.description
  }

  private func check(_ value: Double) {
    #expect(JSONValue.number(value).text(indented: false) == expected(value))
  }

  @Test("are those of the standard library, for every power of two and its neighbours")
  func powersOfTwo() {
    for exponent in 0..<2047 {
      let bits = UInt64(exponent) << 52
      for value in [bits, bits + 1, bits + 2, bits + (1 << 51), bits + (1 << 52) - 1] {
        check(Double(bitPattern: value))
        check(-Double(bitPattern: value))
      }
    }
  }

  @Test("are those of the standard library, for arbitrary bit patterns and for short decimals")
  func patterns() {
    var state: UInt64 = 88_172_645_463_325_252
    for k in 0..<100_000 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let value = Double(bitPattern: state)
      if value.isFinite { check(value) }
      check(Double(k) / 1000)
      check(Double(state >> 11) * 0x1p-53)
    }
    for exponent in -323...307 { check(Double("3e\(exponent)")!) }
    for value in [
      0.0, -0.0, Double.leastNonzeroMagnitude, 1e15, 1e16, 9_007_199_254_740_992, 9_007_199_254_740_994,
      123456789012345.6, 0.0001, 0.00009999,
    ] {
      check(value)
    }
  }
}

@Suite("Long lists of records")
struct JSONRecordsTests {
  private let records = JSONRecords(
    count: 3,
    [
      ("a \"b\"", .numbers([1, .nan, -0.25])),
      ("group", .texts(codes: [1, 0, 1], ["control\n", "IPS"])),
    ])

  @Test("are written as an array of objects, one a line where indented")
  func text() throws {
    let document: JSONValue = ["curve": .records(records), "none": .records(JSONRecords(count: 0, []))]
    #expect(
      document.text(indented: false)
        == #"{"curve":[{"a \"b\"":1,"group":"IPS"},{"a \"b\"":null,"group":"control\n"},{"a \"b\"":-0.25,"group":"IPS"}],"none":[]}"#
    )
    #expect(
      document.text(indented: true) == #"""
        {
          "curve": [
            {"a \"b\"": 1, "group": "IPS"},
            {"a \"b\"": null, "group": "control\n"},
            {"a \"b\"": -0.25, "group": "IPS"}
          ],
          "none": []
        }

        """#)
    #expect(JSONValue.records(records).elements[2]["a \"b\""]?.double == -0.25)
  }

  @Test("come out the same in pieces, in whatever order these are made")
  func pieces() throws {
    let count = 150_000
    let values = (0..<count).map { Double($0) / 7 }
    let document = JSONValue.records(JSONRecords(count: count, [("x", .numbers(values))]))
    var text: [UInt8] = []
    let backwards: JSONWriter.Spread = { count, body in for k in (0..<count).reversed() { body(k) } }
    var writer = JSONWriter(spread: backwards) { text += $0 }
    writer.write(document, indented: true)
    #expect(String(decoding: text, as: UTF8.self) == document.text(indented: true))
    let read = try JSONValue(parsing: String(decoding: text, as: UTF8.self)).elements
    #expect(read.map { $0["x"]?.double } == values)
  }
}
