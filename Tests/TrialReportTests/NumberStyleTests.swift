import Testing
import TrialAnalysis

@testable import TrialReport

@Suite("Numbers")
struct NumberStyleTests {
  private func style(_ language: Language, _ ties: AnalysisRun.Rounding.Ties = .away) -> NumberStyle {
    var rounding = AnalysisRun.Rounding()
    rounding.ties = ties
    return NumberStyle(language, rounding: rounding)
  }

  /// The ties of trap T1: values that binary arithmetic puts a hair below the tie their digits show.
  @Test(
    "Ties are decided on the shortest decimal digits",
    arguments: [
      (2.5, 0, "3", "2"), (3.5, 0, "4", "4"), (2.675, 2, "2.68", "2.68"), (1.005, 2, "1.01", "1.00"),
      (0.285, 2, "0.29", "0.28"), (0.125, 2, "0.13", "0.12"), (-2.5, 0, "−3", "−2"), (0.5, 0, "1", "0"),
      (0.05, 1, "0.1", "0.0"), (9.995, 2, "10.00", "10.00"), (99.95, 1, "100.0", "100.0"),
      (1e-7, 3, "0.000", "0.000"), (0.0005, 3, "0.001", "0.000"), (123456.5, 0, "123,457", "123,456"),
      (5e-324, 2, "0.00", "0.00"),
      (1e21, 0, "1,000,000,000,000,000,000,000", "1,000,000,000,000,000,000,000"),
    ])
  func ties(value: Double, decimals: Int, away: String, even: String) {
    #expect(style(.english).number(value, decimals: decimals) == away)
    #expect(style(.english, .even).number(value, decimals: decimals) == even)
  }

  @Test("A number that rounds to zero has no sign")
  func negativeZero() {
    #expect(style(.english).number(-0.004, decimals: 2) == "0.00")
    #expect(style(.english).number(-0.0, decimals: 1) == "0.0")
    #expect(style(.english).number(-0.006, decimals: 2) == "−0.01")
  }

  @Test("Rounding equals exact decimal arithmetic for every value of three decimals")
  func exhaustive() {
    for thousandths in 0...3000 {
      let value = Double(thousandths) / 1000
      let hundredths = (thousandths + 5) / 10
      let expected = "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
      #expect(style(.english).number(value, decimals: 2) == expected)
    }
  }

  @Test("Bokmål writes decimal comma, hard spaces and til")
  func norwegian() {
    let nb = style(.norwegian)
    #expect(nb.number(141000, decimals: 0) == "141\u{A0}000")
    #expect(nb.number(-1234.5, decimals: 1) == "−1\u{A0}234,5")
    #expect(nb.interval(0.7, 2.35, decimals: 2) == "0,70 til 2,35")
    #expect(nb.percent(0.396, decimals: 1) == "39,6\u{A0}%")
    #expect(nb.intervalName(level: 0.95) == "95\u{A0}%\u{A0}KI")
    #expect(nb.pValue(0.0004) == "<0,001")
    #expect(nb.pPhrase(0.0412) == "p\u{A0}=\u{A0}0,041")
  }

  @Test("English writes decimal point and to")
  func english() {
    let en = style(.english)
    #expect(en.number(141000, decimals: 0) == "141,000")
    #expect(en.interval(-8.5, 18.7, decimals: 1) == "−8.5 to 18.7")
    #expect(en.intervalName(level: 0.95) == "95%\u{A0}CI")
    #expect(en.intervalName(level: 0.975) == "97.5%\u{A0}CI")
    #expect(en.pPhrase(1e-12) == "p\u{A0}<\u{A0}0.001")
    #expect(en.number(.infinity, decimals: 2) == "∞")
    #expect(en.number(nil, decimals: 2) == "–")
  }

  @Test("A p-value never prints as 1.000 unless it is one, nor as 0.000")
  func pValues() {
    let en = style(.english)
    #expect(en.pValue(0.9996) == ">0.999")
    #expect(en.pValue(1) == "1.000")
    #expect(en.pValue(0.001) == "0.001")
    #expect(en.pValue(0.00099) == "<0.001")
    #expect(en.pValue(0.0495) == "0.050")
    #expect(en.pValue(nil) == "–")
  }

  @Test("Shares become percentages on their decimal digits")
  func percentages() {
    let en = style(.english)
    // 0.145 × 100 is 14.499999999999998 in binary.
    #expect(en.percent(0.145, decimals: 0) == "15%")
    #expect(en.percent(0.575, decimals: 0) == "58%")
    #expect(en.percent(36.0 / 91, decimals: 1) == "39.6%")
    #expect(en.percent(33.0 / 96, decimals: 1) == "34.4%")
    for thousandths in 0...1000 {
      let share = Double(thousandths) / 1000
      #expect(NumberStyle.hundredfold(share) == Double(thousandths) / 10)
    }
  }

  @Test(
    "Cell formats",
    arguments: [
      (CellFormat.countOfTotal(decimals: 1), [36, 91, nil], "36/91 (39.6%)", "36/91 (39,6\u{A0}%)"),
      (.countPercent(decimals: 1), [1234, 2000, nil], "1,234 (61.7%)", "1\u{A0}234 (61,7\u{A0}%)"),
      (.meanSD(decimals: 1), [35.65, 7.71, nil], "35.7 (7.7)", "35,7 (7,7)"),
      (.medianQuartiles(decimals: 0), [35, 30, 40.5], "35 (30 to 41)", "35 (30 til 41)"),
      (.estimate(decimals: 2), [1.28, 0.7, 2.35], "1.28 (0.70 to 2.35)", "1,28 (0,70 til 2,35)"),
      (.estimate(decimals: 2), [1.28, nil, nil], "1.28", "1,28"),
      (.percentPoints(decimals: 1), [0.0519, -0.0851, 0.1867], "5.2 (−8.5 to 18.7)", "5,2 (−8,5 til 18,7)"),
      (
        .percentEstimate(decimals: 1), [0.396, 0.301, 0.498], "39.6% (30.1 to 49.8)",
        "39,6\u{A0}% (30,1 til 49,8)"
      ),
      (.degreesOfFreedom, [1089.9, nil, nil], "1,089.9", "1\u{A0}089,9"),
      (.degreesOfFreedom, [4, nil, nil], "4", "4"),
      (.count, [nil, nil, nil], "–", "–"),
    ] as [(CellFormat, [Double?], String, String)])
  func formats(format: CellFormat, values: [Double?], english: String, norwegian: String) {
    #expect(format.text(values, style: style(.english)) == english)
    #expect(format.text(values, style: style(.norwegian)) == norwegian)
  }
}
