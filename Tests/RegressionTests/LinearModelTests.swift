import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite("Linear model by hand")
struct LinearModelByHand {
  /// R 4.2.2: `summary(lm(y ~ x + offset(2 * z)))`, whose sums of squares count the offset among what is fitted.
  @Test("R² and F of a model with an offset, and of an intercept alone")
  func offsetShare() throws {
    let y: [Double] = [1, 2, 3, 4, 3, 4, 5, 10]
    let x: [Double] = [0, 1, 2, 3, 0, 1, 2, 3]
    let z: [Double] = [0, 0, 1, 1, 0, 1, 1, 1]
    let fit = try LinearModel().fit(regression(y, ["x": x], offset: z.map { 2 * $0 }))
    expectClose(fit.rSquared, 0.507194244604317, relative: 1e-13)
    expectClose(fit.adjustedRSquared, 0.425059952038369, relative: 1e-13)
    expectClose(fit.fTest!.statistic, 6.175182481751823, relative: 1e-13)
    let mean = try LinearModel().fit(regression(y, [:]))
    #expect(mean.rSquared == 0 && mean.adjustedRSquared == 0 && mean.fTest == nil)
  }

  @Test("A line through three points has the closed form")
  func line() throws {
    let fit = try LinearModel().fit(regression([1, 2, 4], ["x": [0, 1, 2]]))
    expectClose(fit.coefficients.map { $0! }, [5.0 / 6, 1.5], relative: 1e-14)
    expectClose(fit.residualSumOfSquares, 1.0 / 6, relative: 1e-12)
    expectClose(fit.rSquared, 1 - (1.0 / 6) / (14.0 / 3), relative: 1e-13)
    expectClose(fit.leverages(), [5.0 / 6, 1.0 / 3, 5.0 / 6], relative: 1e-13)
    #expect(fit.residualDegreesOfFreedom == 1)
  }

  @Test("A weight of two equals a row written twice, but for the degrees of freedom")
  func weights() throws {
    let once = try LinearModel().fit(
      regression([1, 2, 4, 3], ["x": [0, 1, 2, 5]], weights: [1, 2, 1, 0]))
    let twice = try LinearModel().fit(regression([1, 2, 2, 4], ["x": [0, 1, 1, 2]]))
    expectClose(once.coefficients.map { $0! }, twice.coefficients.map { $0! }, relative: 1e-13)
    expectClose(once.residualSumOfSquares, twice.residualSumOfSquares, relative: 1e-12)
    #expect(once.observationCount == 3)
    #expect(once.fitted.count == 4)
    expectClose(once.fitted[3], once.coefficients[0]! + 5 * once.coefficients[1]!, relative: 1e-13)
  }

  @Test("An offset is taken off the response and given back to the fitted values")
  func offset() throws {
    let o = [0.5, -1, 2, 3]
    let y = [1.0, 2, 4, 3]
    let fit = try LinearModel().fit(regression(y, ["x": [0, 1, 2, 5]], offset: o))
    let plain = try LinearModel().fit(regression(zip(y, o).map { $0 - $1 }, ["x": [0, 1, 2, 5]]))
    expectClose(fit.coefficients.map { $0! }, plain.coefficients.map { $0! }, relative: 1e-14)
    expectClose(fit.fitted, zip(plain.fitted, o).map { $0 + $1 }, relative: 1e-13)
    expectClose(fit.sigma, plain.sigma, relative: 1e-13)
  }
}

@Suite("Linear model against NIST's certified values")
struct LinearModelCertified {
  // Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd/lls/lls.shtml.

  @Test("Longley: six collinear macroeconomic series")
  func longley() throws {
    let y: [Double] = [
      60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564,
      69331, 70551,
    ]
    let data = regression(
      y,
      [
        "x1": [
          83, 88.5, 88.2, 89.5, 96.2, 98.1, 99, 100, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7, 116.9,
        ],
        "x2": [
          234289, 259426, 258054, 284599, 328975, 346999, 365385, 363112, 397469, 419180, 442769, 444546,
          482704, 502601, 518173, 554894,
        ],
        "x3": [
          2356, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007,
        ],
        "x4": [
          1590, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827,
        ],
        "x5": [
          107608, 108632, 109773, 110929, 112075, 113270, 115094, 116219, 117388, 118734, 120445, 121950,
          123366, 125368, 127852, 130081,
        ],
        "x6": (1947...1962).map(Double.init),
      ])
    let fit = try LinearModel().fit(data)
    expectClose(
      fit.coefficients.map { $0! },
      [
        -3482258.63459582, 15.0618722713733, -0.358191792925910e-1, -2.02022980381683, -1.03322686717359,
        -0.511041056535807e-1, 1829.15146461355,
      ], relative: 1e-8, because: "condition number near 5e9 leaves about nine digits")
    expectClose(
      fit.covariance.standardErrors,
      [
        890420.383607373, 84.9149257747669, 0.334910077722432e-1, 0.488399681651699, 0.214274163161675,
        0.226073200069370, 455.478499142212,
      ], relative: 1e-9)
    expectClose(fit.sigma, 304.854073561965, relative: 1e-10)
    expectClose(fit.rSquared, 0.995479004577296, relative: 1e-12)
    expectClose(fit.fTest!.statistic, 330.285339234588, relative: 1e-9)
  }

  @Test("Filip: a polynomial of degree ten, which needs a tolerance below R's")
  func filip() throws {
    let table = TestTable("filip")
    let x = table.numbers("x")
    var powers = [[Double](repeating: 1, count: x.count)]
    for _ in 1...10 { powers.append(zip(powers.last!, x).map { $0 * $1 }) }
    let data = RegressionData(
      design: Matrix(columns: powers), columnNames: (0...10).map { $0 == 0 ? "(Intercept)" : "x\($0)" },
      response: table.numbers("y"))
    let fit = try LinearModel(tolerance: 1e-12).fit(data)
    expectClose(
      fit.coefficients.map { $0! },
      [
        -1467.48961422980, -2772.17959193342, -2316.37108160893, -1127.97394098372, -354.478233703349,
        -75.1242017393757, -10.8753180355343, -1.06221498588947, -0.670191154593408e-1,
        -0.246781078275479e-2, -0.402962525080404e-4,
      ], relative: 1e-6, because: "condition number near 1.8e15 of the raw powers")
    // At R's tolerance the last power counts as dependent, as lm says too.
    let limited = try LinearModel().fit(data)
    #expect(limited.coefficients.last! == nil)
    #expect(limited.warnings.contains { $0.contains("x10") })
  }

  @Test("Wampler 4: noise that dwarfs the signal")
  func wampler4() throws {
    let y: [Double] = [
      75901, -204794, 204863, -204436, 253665, -200894, 214131, -185192, 221249, -138370, 315911, -27644,
      455253, 197434, 783995, 608816, 1_370_781, 1_303_798, 2_205_519, 2_408_860, 3_444_321,
    ]
    let x = (0...20).map(Double.init)
    var powers = [[Double](repeating: 1, count: 21)]
    for _ in 1...5 { powers.append(zip(powers.last!, x).map { $0 * $1 }) }
    let fit = try LinearModel().fit(
      RegressionData(
        design: Matrix(columns: powers), columnNames: ["(Intercept)", "x1", "x2", "x3", "x4", "x5"],
        response: y))
    expectClose(fit.coefficients.map { $0! }, [Double](repeating: 1, count: 6), absolute: 1e-7)
    expectClose(
      fit.covariance.standardErrors,
      [
        215232.624678170, 236355.173469681, 77934.3524331583, 10147.5507550350, 564.566512170752,
        11.2324854679312,
      ], relative: 1e-11)
  }

  @Test("NoInt1: a line through the origin")
  func noIntercept() throws {
    let fit = try LinearModel().fit(
      regression((130...140).map(Double.init), ["x": (60...70).map(Double.init)], intercept: false))
    expectClose(fit.coefficients[0]!, 2.07438016528926, relative: 1e-14)
    expectClose(fit.covariance.standardErrors[0], 0.165289256198347e-1, relative: 1e-13)
    expectClose(fit.rSquared, 0.999365492298663, relative: 1e-14)
  }

  @Test("Pontius: a quadratic with a coefficient of 1e-15")
  func pontius() throws {
    let y = [
      0.11019, 0.21956, 0.32949, 0.43899, 0.54803, 0.65694, 0.76562, 0.87487, 0.98292, 1.09146, 1.20001,
      1.30822, 1.41599, 1.52399, 1.63194, 1.73947, 1.84646, 1.95392, 2.06128, 2.16844, 0.11052, 0.22018,
      0.32939, 0.43886, 0.54798, 0.65739, 0.76596, 0.87474, 0.98300, 1.09150, 1.20004, 1.30818, 1.41613,
      1.52408, 1.63159, 1.73965, 1.84696, 1.95445, 2.06177, 2.16829,
    ]
    let x = (0..<40).map { Double($0 % 20 + 1) * 150000 }
    let fit = try LinearModel().fit(regression(y, ["x": x, "x2": x.map { $0 * $0 }]))
    expectClose(
      fit.coefficients.map { $0! },
      [0.673565789473684e-3, 0.732059160401003e-6, -0.316081871345029e-14], relative: 1e-10)
    expectClose(
      fit.covariance.standardErrors,
      [0.107938612033077e-3, 0.157817399981659e-9, 0.486652849992036e-16], relative: 1e-10)
  }
}
