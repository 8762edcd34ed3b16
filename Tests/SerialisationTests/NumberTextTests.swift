import Serialisation
import Testing

@Suite("Numbers as text")
struct NumberTextTests {
  @Test(
    "rounds half away from zero on the shortest decimal",
    arguments: [
      (2.675, 2, "2.68"), (1.005, 2, "1.01"), (0.285, 2, "0.29"), (0.125, 2, "0.13"), (2.5, 0, "3"),
      (-2.5, 0, "-3"), (0.5, 0, "1"), (0.05, 1, "0.1"), (0.04, 1, "0.0"), (-0.04, 1, "0.0"),
      (9.995, 2, "10.00"), (999.5, 0, "1000"), (1e21, 0, "1000000000000000000000"), (0, 3, "0.000"),
      (0.007, 2, "0.01"), (0.0049, 2, "0.00"), (123.456, 1, "123.5"), (1.5e-7, 7, "0.0000002"),
    ])
  func fixed(value: Double, decimals: Int, expected: String) {
    #expect(NumberText.fixed(value, decimals: decimals) == expected)
  }

  @Test("prints p-values as journals do")
  func pValues() {
    #expect(NumberText.pValue(0.0004) == "<0.001")
    #expect(NumberText.pValue(0.001) == "0.001")
    #expect(NumberText.pValue(0.0455) == "0.046")
    #expect(NumberText.pValue(1) == "1.000")
    #expect(NumberText.pValue(.nan) == "NA")
  }

  @Test("names what is not finite")
  func notFinite() {
    #expect(NumberText.fixed(.infinity, decimals: 2) == "Inf")
    #expect(NumberText.significant(-.infinity) == "-Inf")
    #expect(NumberText.significant(1234567.0, digits: 3) == "1.23e+06")
  }
}
