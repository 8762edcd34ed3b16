import Glibc
import LinearAlgebra
import Regression
import TestSupport
import Testing

/// The Statistical Reference Datasets of NIST (https://www.itl.nist.gov/div898/strd/): certified values to 15 digits.
///
/// Longley and Filip stand in `LinearModelTests`. Data that a rule makes are made by it; the values of the Wampler, NoInt
/// and Pontius sets were confirmed in rational arithmetic.
@Suite("NIST linear regression")
struct NISTLinearRegressionTests {
  @Test("Norris: a line")
  func norris() throws {
    let table = TestTable("nist_norris")
    let fit = try LinearModel().fit(regression(table.numbers("y"), ["x": table.numbers("x")]))
    expectClose(fit.coefficients.map { $0! }, [-0.262323073774029, 1.00211681802045], relative: 1e-11)
    expectClose(
      fit.covariance.standardErrors, [0.232818234301152, 0.429796848199937e-3], relative: 1e-12)
    expectClose(fit.sigma, 0.884796396144373, relative: 1e-12)
    expectClose(fit.rSquared, 0.999993745883712, relative: 1e-14)
    expectClose(fit.fTest!.statistic, 5436385.54079785, relative: 1e-11)
  }

  @Test("Pontius: a parabola over seven orders of magnitude")
  func pontius() throws {
    let table = TestTable("nist_pontius")
    let x = table.numbers("x")
    let fit = try LinearModel().fit(regression(table.numbers("y"), ["x": x, "x2": x.map { $0 * $0 }]))
    expectClose(
      fit.coefficients.map { $0! }, [0.673565789473684e-3, 0.732059160401003e-6, -0.316081871345029e-14],
      relative: 1e-10)
    expectClose(
      fit.covariance.standardErrors, [0.107938612033077e-3, 0.157817399981659e-9, 0.486652849992036e-16],
      relative: 1e-10)
    expectClose(fit.sigma, 0.205177424076185e-3, relative: 1e-10)
    expectClose(fit.rSquared, 0.999999900178537, relative: 1e-14)
  }

  @Test("NoInt1 and NoInt2: a line through the origin")
  func noIntercept() throws {
    let first = try LinearModel().fit(
      regression((130...140).map(Double.init), ["x": (60...70).map(Double.init)], intercept: false))
    expectClose(first.coefficients[0]!, 2.07438016528926, relative: 1e-14)
    expectClose(first.covariance.standardErrors[0], 0.165289256198347e-1, relative: 1e-12)
    expectClose(first.sigma, 3.56753034006338, relative: 1e-12)
    expectClose(first.rSquared, 0.999365492298663, relative: 1e-14)
    let second = try LinearModel().fit(regression([3, 4, 4], ["x": [4, 5, 6]], intercept: false))
    expectClose(second.coefficients[0]!, 0.727272727272727, relative: 1e-14)
    expectClose(second.covariance.standardErrors[0], 0.420827318078432e-1, relative: 1e-12)
    expectClose(second.sigma, 0.369274472937998, relative: 1e-12)
    expectClose(second.rSquared, 0.993348115299335, relative: 1e-14)
  }

  /// The polynomial Σ cₖxᵏ at x = 0, 1, … 20, plus `noise` times the disturbance of Wampler3.
  private func wampler(_ coefficients: [Double], noise: Double) -> RegressionData {
    let disturbance: [Double] = [
      759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048, -2048, 1838, -2048, 2048, -2048,
      2523, -2048, 2048, -2048, 759,
    ]
    let powers = (0...5).map { k in (0...20).map { pow(Double($0), Double(k)) } }
    let y = disturbance.indices.map { i in
      coefficients.indices.reduce(noise * disturbance[i]) { $0 + coefficients[$1] * powers[$1][i] }
    }
    return regression(
      y, ["x1": powers[1], "x2": powers[2], "x3": powers[3], "x4": powers[4], "x5": powers[5]])
  }

  @Test("Wampler1 and Wampler2: polynomials without error")
  func exactPolynomials() throws {
    let ones = [Double](repeating: 1, count: 6)
    let first = try LinearModel().fit(wampler(ones, noise: 0))
    expectClose(first.coefficients.map { $0! }, ones, relative: 1e-8)
    #expect(first.sigma < 1e-7 * 3_368_421)
    let tenths = [1, 0.1, 0.01, 0.001, 0.0001, 0.00001]
    let second = try LinearModel().fit(wampler(tenths, noise: 0))
    expectClose(second.coefficients.map { $0! }, tenths, relative: 1e-8)
    #expect(second.sigma < 1e-11)
  }

  @Test(
    "Wampler3, 4 and 5: the same polynomial under ever larger errors",
    arguments: [
      (1.0, 0.999995559025820, 1e-8), (100, 0.957478440825662, 1e-7),
      (10_000, 0.224668921574940e-2, 1e-5),
    ])
  func disturbedPolynomials(noise: Double, rSquared: Double, tolerance: Double) throws {
    let fit = try LinearModel().fit(wampler([1, 1, 1, 1, 1, 1], noise: noise))
    expectClose(
      fit.coefficients.map { $0! }, [1, 1, 1, 1, 1, 1], relative: tolerance,
      because: "the errors of Wampler5 are ten thousand times the signal's digits")
    expectClose(
      fit.covariance.standardErrors,
      [
        2152.32624678170, 2363.55173469681, 779.343524331583, 101.475507550350, 5.64566512170752,
        0.112324854679312,
      ].map { $0 * noise }, relative: 1e-9)
    expectClose(fit.sigma, 2360.14502379268 * noise, relative: 1e-11)
    expectClose(fit.rSquared, rSquared, relative: 1e-10)
  }
}

@Suite("NIST univariate statistics")
struct NISTUnivariateTests {
  /// The mean and the standard deviation as a model with an intercept only has them.
  func moments(_ values: [Double]) throws -> (mean: Double, sd: Double) {
    let fit = try LinearModel().fit(regression(values, [:]))
    return (fit.coefficients[0]!, fit.sigma)
  }

  @Test(
    "Observed data",
    arguments: [
      ("lottery", 518.958715596330, 291.699727470969), ("lew", -177.435, 277.332168044316),
      ("mavro", 2.001856, 0.429123454003053e-3), ("michelso", 299.8524, 0.790105478190518e-1),
    ])
  func observed(name: String, mean: Double, sd: Double) throws {
    let found = try moments(TestTable("nist_\(name)").numbers("y"))
    expectClose(found.mean, mean, relative: 1e-14)
    expectClose(found.sd, sd, relative: 1e-12)
  }

  @Test("NumAcc1 to NumAcc4: a standard deviation behind ever more leading digits")
  func leadingDigits() throws {
    let first = try moments([10_000_001, 10_000_003, 10_000_002])
    #expect(first.mean == 10_000_002)
    expectClose(first.sd, 1, relative: 1e-14)
    func alternating(_ base: Double) -> [Double] {
      [base + 0.2] + (0..<1000).map { base + ($0 % 2 == 0 ? 0.1 : 0.3) }
    }
    for (base, tolerance) in [(1.0, 1e-14), (1_000_000, 1e-9), (10_000_000, 1e-8)] {
      let found = try moments(alternating(base))
      expectClose(found.mean, base + 0.2, relative: 1e-14)
      expectClose(found.sd, 0.1, relative: tolerance, because: "0.1 beside \(base) is stored so well")
    }
  }
}

extension NISTUnivariateTests {
  /// The first digits of π, the 3 included, by Machin's formula π = 16 arctan(1/5) − 4 arctan(1/239) in words of nine
  /// decimals.
  private func digitsOfPi(_ count: Int) -> [Double] {
    let base = 1_000_000_000
    let words = count / 9 + 4
    func divide(_ number: inout [Int], by divisor: Int) {
      var rest = 0
      for i in number.indices {
        let x = rest * base + number[i]
        number[i] = x / divisor
        rest = x % divisor
      }
    }
    func add(_ term: [Int], times sign: Int, to sum: inout [Int]) {
      for i in sum.indices.reversed() {
        sum[i] += sign * term[i]
        if i > 0, sum[i] >= base || sum[i] < 0 {
          sum[i - 1] += sum[i] < 0 ? -1 : 1
          sum[i] += sum[i] < 0 ? base : -base
        }
      }
    }
    var pi = [Int](repeating: 0, count: words)
    for (factor, inverse) in [(16, 5), (-4, 239)] {
      var power = [Int](repeating: 0, count: words)
      power[0] = abs(factor)
      divide(&power, by: inverse)
      var sign = factor.signum()
      var k = 1
      while power.contains(where: { $0 != 0 }) {
        var term = power
        divide(&term, by: k)
        add(term, times: sign, to: &pi)
        divide(&power, by: inverse * inverse)
        sign = -sign
        k += 2
      }
    }
    let decimals = pi.dropFirst().flatMap { word in
      let text = String(word)
      return (String(repeating: "0", count: 9 - text.count) + text).compactMap(\.wholeNumberValue)
    }
    return ([pi[0]] + decimals).prefix(count).map(Double.init)
  }

  @Test("PiDigits, with the one digit in which NIST's file is not π")
  func piDigits() throws {
    var digits = digitsOfPi(5000)
    #expect(digits.prefix(10).map(Int.init) == [3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    #expect(digits[956] == 8)
    digits[956] = 3
    let found = try moments(digits)
    expectClose(found.mean, 4.5348, relative: 1e-14)
    expectClose(found.sd, 2.86733906028871, relative: 1e-13)
    var (products, squares) = (0.0, 0.0)
    for i in digits.indices {
      squares += (digits[i] - found.mean) * (digits[i] - found.mean)
      if i > 0 { products += (digits[i] - found.mean) * (digits[i - 1] - found.mean) }
    }
    expectClose(products / squares, -0.00355099287237972, relative: 1e-11)
  }
}

@Suite("NIST analysis of variance")
struct NISTAnalysisOfVarianceTests {
  /// One-way analysis of variance: F, R² and the residual standard deviation.
  private func analysis(_ groups: [Int], _ y: [Double]) throws -> (f: Double, rSquared: Double, sigma: Double)
  {
    let last = groups.max()!
    var columns = [[Double](repeating: 1, count: y.count)]
    for level in 1...last { columns.append(groups.map { $0 == level ? 1 : 0 }) }
    let fit = try LinearModel().fit(
      RegressionData(
        design: Matrix(columns: columns, rows: y.count),
        columnNames: ["(Intercept)"] + (1...last).map { "group\($0)" }, response: y))
    return (fit.fTest!.statistic, fit.rSquared, fit.sigma)
  }

  @Test(
    "Observed data",
    arguments: [
      ("sirstv", 1.18046237440255, 0.190999039051129, 0.104076068334656, 1e-9),
      ("atmwtag", 15.9467335677930, 0.257426544538321, 0.151048314446410e-4, 1e-8),
    ])
  func observed(name: String, f: Double, rSquared: Double, sigma: Double, tolerance: Double) throws {
    let table = TestTable("nist_\(name)")
    let found = try analysis(table.codes("group"), table.numbers("y"))
    expectClose(found.f, f, relative: tolerance)
    expectClose(found.rSquared, rSquared, relative: tolerance)
    expectClose(found.sigma, sigma, relative: tolerance)
  }

  @Test(
    "SmLs01 to SmLs09: nine groups behind 1, 7 and 13 constant leading digits",
    arguments: [
      (1.0, 21, 1e-13), (1, 201, 1e-13), (1, 2001, 1e-12), (1e6, 21, 1e-9), (1e6, 201, 1e-9),
      (1e6, 2001, 1e-9), (1e12, 21, 1e-4), (1e12, 201, 1e-4), (1e12, 2001, 1e-4),
    ])
  func leadingDigits(offset: Double, size: Int, tolerance: Double) throws {
    let starts = [4, 3, 5, 3, 5, 3, 5, 3, 5]
    var groups: [Int] = []
    var y: [Double] = []
    for (group, start) in starts.enumerated() {
      for i in 0..<size {
        groups.append(group)
        // Each value is the double nearest to its decimal: tenths are added once.
        let tenths = Double(start + (i == 0 ? 0 : i % 2 == 1 ? -1 : 1))
        y.append(offset + tenths / 10)
      }
    }
    let found = try analysis(groups, y)
    expectClose(
      found.f, Double(size), relative: tolerance,
      because: "the doubles next to the data are no better: beside 1e12 they stand 1/8192 apart")
    expectClose(found.sigma, 0.1, relative: tolerance)
    // Less the leading digits, which is exact, the doubles are small numbers: nothing but their rounding is lost.
    let bare = try analysis(groups, y.map { $0 - offset })
    expectClose(found.f, bare.f, relative: 1e-11)
    expectClose(found.rSquared, bare.rSquared, relative: 1e-11)
    expectClose(found.sigma, bare.sigma, relative: 1e-12)
  }
}
