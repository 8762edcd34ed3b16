import Glibc
import LinearAlgebra
import TestSupport
import Testing

@testable import Survival

/// Likelihood, score and information by their definition, one event time after another.
private func byDefinition(
  _ rows: RandomSurvival, _ b: [Double], ties: CoxTies, entry: Bool, weighted: Bool, stratified: Bool
) -> (logLikelihood: Double, score: [Double], information: [Double]) {
  struct Time: Hashable {
    let stratum: Int32
    let time: Double
  }
  let n = rows.time.count
  func w(_ i: Int) -> Double { weighted ? rows.weight[i] : 1 }
  let eta = (0..<n).map { i in b.indices.reduce(0) { $0 + b[$1] * rows.x[$1][i] } }
  var times: [Time: [Int]] = [:]
  for i in 0..<n where rows.cause[i] != 0 {
    times[Time(stratum: stratified ? rows.stratum[i] : 0, time: rows.time[i]), default: []].append(i)
  }
  var logLikelihood = 0.0
  var score = [Double](repeating: 0, count: b.count)
  var information = [Double](repeating: 0, count: b.count * b.count)
  for (key, events) in times {
    var s0 = 0.0
    var s1 = score.map { _ in 0.0 }
    var s2 = information.map { _ in 0.0 }
    var (e0, e1, e2) = (s0, s1, s2)
    func add(_ i: Int, _ a0: inout Double, _ a1: inout [Double], _ a2: inout [Double]) {
      let r = w(i) * exp(eta[i])
      a0 += r
      for j in b.indices {
        a1[j] += r * rows.x[j][i]
        for k in b.indices { a2[j + k * b.count] += r * rows.x[j][i] * rows.x[k][i] }
      }
    }
    for i in 0..<n where rows.time[i] >= key.time && (!entry || rows.entry[i] < key.time) {
      if stratified, rows.stratum[i] != key.stratum { continue }
      add(i, &s0, &s1, &s2)
    }
    for i in events { add(i, &e0, &e1, &e2) }
    let m = events.reduce(0) { $0 + w($1) } / Double(events.count)
    for i in events {
      logLikelihood += w(i) * eta[i]
      for j in b.indices { score[j] += w(i) * rows.x[j][i] }
    }
    for l in events.indices {
      let f = ties == .efron ? Double(l) / Double(events.count) : 0
      let d = s0 - f * e0
      logLikelihood -= m * log(d)
      for j in b.indices {
        let mean = (s1[j] - f * e1[j]) / d
        score[j] -= m * mean
        for k in b.indices {
          let place = j + k * b.count
          information[place] += m * ((s2[place] - f * e2[place]) / d - mean * (s1[k] - f * e1[k]) / d)
        }
      }
    }
  }
  return (logLikelihood, score, information)
}

@Suite("The passes of the Cox likelihood")
struct CoxPassTests {
  /// 18 000 rows need several blocks of rows; a coarse grid gives bins that blocks share, a fine one blocks of bins.
  @Test(
    "are the definition's sums, over blocks and threads",
    arguments: [CoxTies.efron, .breslow], [(0.25, false, false), (0.25, true, true), (0.0625, true, false)])
  func definition(ties: CoxTies, shape: (grid: Double, entry: Bool, stratified: Bool)) throws {
    let rows = RandomSurvival(18_000, seed: 5, grid: shape.grid)
    let data = try rows.data(entry: shape.entry)
    let sets = CoxRiskSets(
      data, design: rows.design, stratum: shape.stratified ? rows.stratum : nil, stratumCount: 3,
      weights: rows.weight, offset: nil)
    let kernel = CoxPartialLikelihood(sets, ties: ties)
    let b = [0.4, -0.7]
    let found = kernel.evaluate(at: b.indices.map { b[$0] * sets.scale[$0] })
    let expected = byDefinition(
      rows, b, ties: ties, entry: shape.entry, weighted: true, stratified: shape.stratified)
    // Centring shifts the events' part of log L and of the risks alike, so log L stays what it is.
    expectClose(found.logLikelihood, expected.logLikelihood, relative: 1e-12)
    for j in 0..<2 {
      expectClose(found.score[j] * sets.scale[j], expected.score[j], relative: 1e-10, absolute: 1e-8)
      for k in 0..<2 {
        expectClose(
          found.information[j, k] * sets.scale[j] * sets.scale[k], expected.information[j + 2 * k],
          relative: 1e-10, absolute: 1e-8)
      }
    }
  }

  @Test("give the same bits every time, whichever thread comes first")
  func repeatable() throws {
    let rows = RandomSurvival(40_000, seed: 9, grid: 0.01)
    let model = CoxModel()
    let first = try model.fit(try rows.data(entry: true), design: rows.design, weights: rows.weight)
    for _ in 0..<3 {
      let again = try model.fit(try rows.data(entry: true), design: rows.design, weights: rows.weight)
      #expect(again.coefficients == first.coefficients)
      #expect(again.covariance.matrix == first.covariance.matrix)
      #expect(again.logLikelihood == first.logLikelihood)
    }
  }

  @Test("survive linear predictors whose exponentials overflow")
  func farPredictors() throws {
    let rows = RandomSurvival(200, seed: 3)
    let offset = rows.x[0].map { 100 * $0 + 1000 }
    let data = try rows.data()
    let sets = CoxRiskSets(
      data, design: rows.design, stratum: nil, stratumCount: 1, weights: nil, offset: offset)
    let found = CoxPartialLikelihood(sets, ties: .efron).evaluate(at: [0.1, 0.2])
    #expect(found.isFinite)
    // A constant in the offset cancels.
    let moved = CoxRiskSets(
      data, design: rows.design, stratum: nil, stratumCount: 1, weights: nil, offset: offset.map { $0 + 50 })
    let same = CoxPartialLikelihood(moved, ties: .efron).evaluate(at: [0.1, 0.2])
    expectClose(same.logLikelihood, found.logLikelihood, relative: 1e-12)
    expectClose(same.score, found.score, relative: 1e-9, absolute: 1e-9)
  }
}

@Suite("Concordance over many rows")
struct ConcordanceCountTests {
  /// 80 000 rows are swept in parts; few times and predictors make the pairs countable from a table.
  @Test("counts every pair once", arguments: [false, true])
  func pairs(entry: Bool) throws {
    let rows = RandomSurvival(80_000, seed: 11, grid: 0.5)
    let data = try rows.data(entry: entry)
    let level = rows.x[0].map { ($0 * 3).rounded() }
    let sets = CoxRiskSets(
      data, design: rows.design, stratum: nil, stratumCount: 1, weights: nil, offset: nil)
    let found = Concordance(sets, predictor: level)
    struct Cell: Hashable {
      let time, entry, level: Double
      let event: Bool
    }
    var cells: [Cell: Double] = [:]
    for i in rows.time.indices {
      let start = entry ? rows.entry[i] : -1
      cells[Cell(time: rows.time[i], entry: start, level: level[i], event: rows.cause[i] != 0), default: 0] +=
        1
    }
    var (concordant, discordant, tied) = (0.0, 0.0, 0.0)
    for (a, count) in cells where a.event {
      for (b, others) in cells where b.entry < a.time {
        guard b.time > a.time || (b.time == a.time && !b.event) else { continue }
        let pairs = count * others
        if a.level > b.level {
          concordant += pairs
        } else if a.level < b.level {
          discordant += pairs
        } else {
          tied += pairs
        }
      }
    }
    #expect(found.concordant == concordant)
    #expect(found.discordant == discordant)
    #expect(found.tied == tied)
  }
}

@Suite("Sorting times")
struct AscendingOrderTests {
  @Test("is that of the standard library, equal numbers in their order")
  func order() {
    var state: UInt64 = 7
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 11
    }
    let uniform = (0..<5000).map { _ in Double(next()) * 0x1p-53 }
    let cases: [[Double]] = [
      [], [3], [2, 1, 2, 1], uniform, uniform.map { ($0 * 20).rounded() }, uniform.map { $0 - 0.5 },
      uniform.map { 1 + $0 * 1e-12 }, uniform.map { ($0 - 0.5) * 1e300 },
      [0, -0.0, Double.leastNonzeroMagnitude, -Double.leastNonzeroMagnitude, 0],
      [-0.0, 0, 0, -0.0],
    ]
    for x in cases {
      let expected = x.indices.sorted { x[$0] != x[$1] ? x[$0] < x[$1] : $0 < $1 }.map { Int32($0) }
      #expect(x.withUnsafeBufferPointer { ascendingOrder($0) } == expected)
    }
  }
}
