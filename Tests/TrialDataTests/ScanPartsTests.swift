import Testing

@testable import TrialData

@Suite("Delimited files: parts that threads take in turn")
struct ScanPartsTests {
  /// Texts of every length, most of them met again; the ids of long participants need a dictionary.
  private func table(rows: Int, quoted: Bool) -> [UInt8] {
    var dice = PlainBlocksTests.Dice(state: 11)
    var text = "id,place,note,x\n"
    for row in 0..<rows {
      // New texts turn up all through the file, some of them in one part alone.
      let place =
        dice.next(4) == 0 ? "place \(dice.next(1 + row / 8))" : dice.pick(["Oslo", "Bodø", "Hå", ""])
      let note = dice.pick(["", "NA", "a note of more than sixteen bytes \(dice.next(9))", "kort"])
      if dice.next(90) == 0 { text += "\n" }
      text += "participant-\(dice.next(rows)),"
      text += quoted && dice.next(3) == 0 ? "\"\(place)\"" : place
      text += ",\(note),\(dice.next(2000)).5\n"
    }
    return Array(text.utf8)
  }

  @Test("any number of threads and parts gives the codes of one thread", arguments: [false, true])
  func codes(quoted: Bool) throws {
    let file = try DelimitedFile(bytes: table(rows: 3000, quoted: quoted), path: "t.csv")
    let kinds: [FieldKind] = [.key, .text, .text, .number]
    let requests = kinds.enumerated().map { ColumnRequest(position: $0, kind: $1) }
    let one = try TableScan.run(file, requests, threads: 1)
    for (threads, parts) in [(2, 2), (2, 9), (3, 40), (8, 150)] {
      let many = try TableScan.run(file, requests, threads: threads, parts: parts)
      #expect(many.lines == one.lines && one.lines.count == 3000)
      #expect(many.columns[0].keys.keys == one.columns[0].keys.keys)
      #expect(many.columns[0].keys.long.texts == one.columns[0].keys.long.texts)
      for column in 1...2 {
        #expect(many.columns[column].texts.codes == one.columns[column].texts.codes)
        #expect(many.columns[column].texts.dictionary.texts == one.columns[column].texts.dictionary.texts)
      }
      guard case .numbers(let a, let s) = one.columns[3], case .numbers(let b, let t) = many.columns[3] else {
        throw PlainBlocksTests.Failure()
      }
      #expect(a == b && s == t)
    }
  }

  @Test("a record longer than several parts belongs to the first of them")
  func longRecord() throws {
    let long = (0..<5000).map { "line \($0)\n" }.joined()
    let text =
      "a,b\n" + (0..<50).map { "\($0),x\n" }.joined() + "50,\"\(long)\"\n"
      + (51..<90).map { "\($0),y\n" }.joined()
    let file = try DelimitedFile(bytes: Array(text.utf8), path: "t.csv")
    let requests = [ColumnRequest(position: 0, kind: .number), ColumnRequest(position: 1, kind: .text)]
    let scan = try TableScan.run(file, requests, threads: 2, parts: 30)
    guard case .numbers(let numbers, _) = scan.columns[0] else { throw PlainBlocksTests.Failure() }
    #expect(numbers == (0..<90).map(Double.init))
    #expect(scan.columns[1].texts.dictionary.texts == ["x", long, "y"])
    #expect(scan.lines == (0...50).map { $0 + 2 } + (51..<90).map { $0 + 5002 })
  }

  @Test("texts of several threads are numbered as they appear in the file")
  func merge() {
    func share(_ texts: [String], _ rows: [Int]) -> TextShare {
      var coder = TextCoder()
      for text in texts { _ = Array(text.utf8).withUnsafeBufferPointer { coder.code(of: $0) } }
      return TextShare(dictionary: coder.dictionary, firstRows: rows)
    }
    let (all, codes) = TextShare.merge([
      share(["b", "a", "d"], [10, 11, 40]), share([], []), share(["c", "b", "e"], [0, 20, 41]),
    ])
    #expect(all.texts == ["c", "b", "a", "d", "e"])
    #expect(codes == [[1, 2, 3], nil, [0, 1, 4]])
    let (alone, same) = TextShare.merge([share([], []), share(["z", "y"], [3, 4])])
    #expect(alone.texts == ["z", "y"] && same == [nil, nil])
    #expect(TextShare.merge([share([], [])]).dictionary.count == 0)
  }

  @Test("a text met of late has its code or none, never another's", arguments: [3, 900, 30_000])
  func recent(distinct: Int) {
    var recent = RecentTexts()
    var dice = PlainBlocksTests.Dice(state: 5)
    var found = 0
    for _ in 0..<60_000 {
      let code = dice.next(distinct)
      let (low, high) = (UInt64(code % 7) << 56, UInt64(code) &* 0x0101_0000_0101)
      let known = recent.table.code(low, high)
      #expect(known == -1 || known == Int32(code))
      if known >= 0 { found += 1 } else { recent.put(low, high, Int32(code)) }
      #expect(recent.table.code(low, high) == Int32(code))
    }
    // Few texts are nearly all remembered.
    if distinct < 1000 { #expect(found > 58_000) }
  }
}

@Suite("What bytes a file holds")
struct ByteSurveyTests {
  @Test("the counts are those of one byte after another, wherever the stretch ends")
  func counts() {
    var dice = PlainBlocksTests.Dice(state: 8)
    for length in Array(0...70) + [255, 256, 4079, 4080, 4081, 9000] {
      let bytes = (0..<length).map { _ in dice.pick([0x0a, 0x0d, 0x0d, 0x22, 0, 0x61, 0x2c] as [UInt8]) }
      for next in [nil, 0x0a, 0x61] as [UInt8?] {
        let survey = bytes.withUnsafeBufferPointer { ByteSurvey($0, next: next) }
        func count(_ byte: UInt8) -> Int { bytes.count { $0 == byte } }
        #expect(survey.lineFeeds == count(0x0a) && survey.carriageReturns == count(0x0d))
        #expect(survey.quotes == count(0x22) && survey.zeroes == count(0) && !survey.hasBytesBeyondASCII)
        let behind = bytes.dropFirst() + (next.map { [$0] } ?? [])
        #expect(survey.pairs == zip(bytes, behind).count { $0 == 0x0d && $1 == 0x0a })
        if length > 0 {
          var high = bytes
          high[dice.next(length)] = 0xe6
          #expect(high.withUnsafeBufferPointer { ByteSurvey($0, next: next).hasBytesBeyondASCII })
        }
      }
    }
  }

  @Test("characters across the border of two blocks are whole, and damaged ones are found there")
  func borders() {
    let block = ByteSurvey.blockSize
    for character in ["ø", "\u{1F600}"].map({ Array($0.utf8) }) {
      for before in 0...character.count {
        var bytes = [UInt8](repeating: 0x61, count: block + 20)
        bytes.replaceSubrange((block - before)..<(block - before + character.count), with: character)
        #expect(ByteSurvey.of(FileBytes(bytes)).isUTF8)
        // One byte of the character is lost, or one too many stands behind it.
        var damaged = bytes
        damaged[block - before + min(before, character.count - 1)] = 0x61
        #expect(!ByteSurvey.of(FileBytes(damaged)).isUTF8)
        bytes[block - before + character.count] = 0xbf
        #expect(!ByteSurvey.of(FileBytes(bytes)).isUTF8)
      }
      var end = [UInt8](repeating: 0x61, count: block - 1) + character.dropLast()
      #expect(!ByteSurvey.of(FileBytes(end)).isUTF8)
      end.append(character.last!)
      #expect(ByteSurvey.of(FileBytes(end)).isUTF8)
    }
    #expect(ByteSurvey.of(FileBytes([])).isUTF8)
  }
}
