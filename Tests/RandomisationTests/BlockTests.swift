import Glibc
import TestSupport
import Testing

@testable import Randomisation

@Suite("Block structure")
struct BlockTests {
  private func structure(_ arm: [Int], sizes: [Int], stratum: [String]? = nil) -> BlockStructure {
    let sequence = AllocationSequence(TrialArms(["A", "B"]), arm: arm, stratum: stratum)
    return BlockStructure(sequence, sizes: sequence.members.map { _ in sizes })
  }

  @Test("The likelihood of a list without edits is that of its blocks, by hand")
  func likelihood() {
    // ABBA BA: one of 6 orders of the first block; the unfinished second has 2 of 6.
    let pattern = BlockPattern([0, 1, 1, 0, 1, 0], ratio: [1, 1], sizes: [4])
    let kept = 6 * log(1 - 3 * BlockPattern.editRate)
    expectClose(
      pattern.logLikelihood, log(1.0 / 6) + log(2.0 / 6) + kept, absolute: 0.03, because: "edits add a little"
    )
    #expect(pattern.logLikelihood > log(1.0 / 6) + log(2.0 / 6) + kept)
    #expect(pattern.edits == 0 && pattern.blocks.map(\.isComplete) == [true, false])
  }

  @Test("A changed allocation is found in its block, with the rows that would do as well")
  func changed() {
    // blocks AABB | ABAA (should hold two B) | BABA
    let found = structure([0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0], sizes: [4]).violations
    #expect(found == [.init(position: 7, edit: .change(from: 0, to: 1), alternatives: [4, 6])])
  }

  @Test("An allocation left out shifts nothing that follows")
  func leftOut() throws {
    // ABAB | AB(B)A without one B | BBAA | ABBA
    let found = structure([0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0], sizes: [4]).violations
    #expect(found.count == 1)
    let edit = try #require(found.first).edit
    if case .insert(let arm) = edit { #expect(arm == 1) } else { Issue.record("\(edit)") }
  }

  @Test("An allocation beside the list is found")
  func entered() throws {
    // AABB | AABB with a third A | AABB | AABB | BBAA
    let found = structure([0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0], sizes: [4])
      .violations
    #expect(found.count == 1)
    let edit = try #require(found.first).edit
    if case .remove(let arm) = edit { #expect(arm == 0) } else { Issue.record("\(edit)") }
  }

  @Test("Two rows that changed places across a border are one edit")
  func exchanged() throws {
    // AABB | ABAB | BBAA with rows 8 (B) and 11 (A) exchanged: ABAA | BBBA
    let found = structure(
      [0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1] + [0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0],
      sizes: [4]
    ).violations
    #expect(found.count == 1)
    let edit = try #require(found.first).edit
    if case .exchange = edit {} else { Issue.record("\(edit)") }
  }

  @Test("A participant entered under another stratum is one edit")
  func otherStratum() throws {
    // Two lists of blocks of four, alternating; the participant at position 8 belongs to x and was entered under y.
    var arm: [Int] = []
    var stratum: [String] = []
    let x = TrialLists.blocked(24, sizes: [4], seed: 3, replicate: 1)
    let y = TrialLists.blocked(24, sizes: [4], seed: 3, replicate: 2)
    for i in 0..<24 {
      arm += [x[i], y[i]]
      stratum += ["x", "y"]
    }
    stratum[8] = "y"
    let found = structure(arm, sizes: [4], stratum: stratum)
    #expect(found.violations.count == 1)
    let violation = try #require(found.violations.first)
    #expect(violation.edit == .otherStratum(0))
    #expect(([violation.position] + violation.alternatives).contains(8))
  }

  @Test(
    "Sizes are inferred, one or mixed, with equal and unequal ratios",
    arguments: [
      ([4], [1, 1], 80), ([6], [1, 1], 120), ([8], [1, 1], 160), ([2, 4], [1, 1], 160),
      ([4, 6], [1, 1], 200),
      ([3], [2, 1], 60), ([6], [2, 1], 120), ([3, 6], [1, 1, 1], 150),
    ])
  func inferred(sizes: [Int], ratio: [Int], n: Int) throws {
    let arms = TrialArms(["a", "b", "c"].prefix(ratio.count).map { $0 }, ratio: ratio.map(Double.init))
    let list = TrialLists.blocked(n, sizes: sizes, ratio: ratio, seed: 11)
    let found = try #require(BlockInference(AllocationSequence(arms, arm: list)))
    #expect(found.sizes == sizes)
    #expect(found.stratumSizes == [sizes])
  }

  @Test("Sizes are inferred in spite of a changed and a lost row, and both are found")
  func inferredWithEdits() throws {
    var list = TrialLists.blocked(160, sizes: [4], seed: 5)
    list[41] = 1 - list[41]
    list.remove(at: 90)
    let sequence = AllocationSequence(TrialArms(["A", "B"]), arm: list)
    let inference = try #require(BlockInference(sequence))
    #expect(inference.sizes == [4])
    let violations = BlockStructure(sequence, sizes: [[4]]).violations
    #expect(violations.count == 2)
    #expect(([violations[0].position] + violations[0].alternatives).contains(41))
    #expect((88...92).contains(violations[1].position))
  }

  @Test("Lists without blocks are seldom taken for lists with them")
  func falseInference() throws {
    var taken = 0
    for replicate in 0..<40 {
      let list = TrialLists.complete(120, seed: 9, replicate: replicate)
      let found = try #require(BlockInference(AllocationSequence(TrialArms(["A", "B"]), arm: list)))
      if !found.sizes.isEmpty { taken += 1 }
    }
    #expect(taken <= 4)
  }
}
