import Testing

@testable import TrialAnalysis

@Suite("Keys of participants")
struct ParticipantKeysTests {
  @Test(
    "each key is found in its row, whichever row was found last, and no other text is",
    arguments: [
      ["P1", "P2", "P3", "P4", "P5", "P6"], ["P3", "P1", "P6", "P2", "P5", "P4"], ["e\u{301}", "f", "z"],
      ["a"],
    ])
  func rows(_ texts: [String]) {
    let keys = ParticipantKeys(texts)
    #expect(keys.faultyRows.isEmpty)
    for last in texts.indices {
      for (row, text) in texts.enumerated() { #expect(keys.row(of: text, near: last) == row) }
      for other in ["", "P0", "P35", "P9", "\u{10ffff}"] { #expect(keys.row(of: other, near: last) == nil) }
    }
    // One text in another spelling.
    #expect(keys.row(of: "\u{e9}", near: 0) == texts.firstIndex(of: "e\u{301}"))
  }

  @Test("a row without a key and one with that of an earlier row are faulty")
  func faults() {
    #expect(ParticipantKeys(["a", nil, "b", "a", "b"]).faultyRows == [1, 3, 4])
    #expect(ParticipantKeys(["a", "b", "b"]).faultyRows == [2])
    #expect(ParticipantKeys([]).faultyRows.isEmpty)
    #expect(ParticipantKeys([]).row(of: "a", near: 0) == nil)
  }
}
