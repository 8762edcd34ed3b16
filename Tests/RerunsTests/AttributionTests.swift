import Serialisation
import Testing

@testable import Reruns

/// Causes found on a made-up run whose numbers are known functions of its ingredients.
@Suite("Causes by replacing one ingredient at a time")
struct AttributionTests {
  private let ingredients: [Ingredient] = [
    .data(file: "a.csv"), .seed(old: 1, new: 2), .codebook([]), .software(old: "1", new: "2"),
  ]

  private func items(_ values: [String: Int]) throws -> RunItems {
    let records = values.keys.sorted().map { name -> JSONValue in
      ["id": .string(name), "analysis": "a", "estimate": .integer(values[name]!)]
    }
    let text = JSONValue.object([.init("results", .array(records))]).text(indented: false)
    return RunItems(try RunContents(files: ["results.json": text]))
  }

  private func findings(
    _ value: @escaping (Set<Int>) -> [String: Int], software: [String: Int] = [:],
    fails: Set<Set<Int>> = []
  ) throws -> [String: Attribution.Finding] {
    let all: Set<Int> = [0, 1, 2]
    let old = try items(value([]))
    let new = try items(value(all).merging(software) { $0 + $1 })
    let attribution = Attribution(
      ingredients: ingredients, old: old, new: new, changed: RunItems.changed(old, new),
      rerun: { fails.contains($0) ? nil : try? items(value($0)) })
    let found = try #require(attribution.byReruns())
    return Dictionary(uniqueKeysWithValues: found.map { ($0.key.name, $0.value) })
  }

  @Test("each number by the ingredient that moves it")
  func single() throws {
    let found = try findings { set in
      ["x": set.contains(0) ? 5 : 1, "y": set.contains(1) ? 7 : 2, "still": 3]
    }
    #expect(found == ["x": .causes([0]), "y": .causes([1])])
  }

  @Test("two ingredients that both move a number")
  func sum() throws {
    let found = try findings { ["x": ($0.contains(0) ? 5 : 1) + ($0.contains(2) ? 10 : 0)] }
    #expect(found == ["x": .causes([0, 2])])
  }

  @Test("two ingredients that only work together")
  func joint() throws {
    let found = try findings { ["x": $0.isSuperset(of: [0, 2]) ? 5 : 1] }
    #expect(found == ["x": .causes([0, 2])])
  }

  @Test("an ingredient that cannot be replaced alone, because it needs another")
  func dependent() throws {
    // A covariate that only the new codebook declares.
    let found = try findings(
      { ["x": $0.isSuperset(of: [0, 2]) ? 5 : 1] }, fails: [[0], [0, 1]])
    #expect(found == ["x": .causes([0, 2])])
  }

  @Test("what reruns do not explain comes from the software")
  func software() throws {
    let found = try findings({ ["x": $0.contains(0) ? 5 : 1, "y": 2] }, software: ["y": 1])
    #expect(found == ["x": .causes([0]), "y": .causes([3])])
  }

  @Test("a run that cannot be repeated is left to its hashes")
  func impossible() throws {
    let old = try items(["x": 1])
    let new = try items(["x": 2])
    let attribution = Attribution(
      ingredients: ingredients, old: old, new: new, changed: RunItems.changed(old, new), rerun: { _ in nil })
    #expect(attribution.byReruns() == nil)
    #expect(attribution.byHashes().values.first == .candidates([0, 2, 3]))
  }
}
