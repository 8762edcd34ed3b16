/// What a thread of a scan reads parts with, one after another.
final class PartReader {
  let columns: PartColumns
  let output: ScanOutput
  let plan: ReadingPlan
  let conversion: FieldConversion
  /// The decimal mark; a byte that no text in UTF-8 holds, where the mark is the delimiter.
  let markByte: UInt8
  /// Takes whole blocks of records where the file allows it.
  let blocks: PlainBlocks?

  init(_ file: DelimitedFile, _ requests: [ColumnRequest], _ output: ScanOutput) {
    conversion = FieldConversion(
      missing: MissingTexts(file.options.missing), mark: file.options.decimalMark ?? .point)
    self.output = output
    columns = PartColumns(requests, output, watchesNumbers: conversion.missing.holdsNumbers)
    plan = ReadingPlan(requests, width: file.names.count)
    markByte = conversion.mark.rawValue == file.delimiter.rawValue ? 0xff : conversion.mark.rawValue
    blocks = Self.plainLayout(file).map { [conversion, markByte] in
      PlainBlocks($0, requests, conversion, mark: markByte)
    }
  }

  /// How the records of the file are read block by block; nil where they are not: where a byte anywhere needs a second look, and
  /// for a single column, in which a blank line may be a row.
  private static func plainLayout(_ file: DelimitedFile) -> PlainBlocks.Layout? {
    let survey = file.survey
    let hasLineFeeds = file.terminator == 0x0a
    guard file.names.count > 1, survey.zeroes == 0, !hasLineFeeds || survey.carriageReturns == survey.pairs
    else { return nil }
    let records = hasLineFeeds ? survey.lineFeeds : survey.carriageReturns
    return PlainBlocks.Layout(
      width: file.names.count, delimiter: file.delimiter.rawValue, terminator: file.terminator,
      hasReturns: hasLineFeeds && survey.carriageReturns > 0, hasQuotes: survey.quotes > 0,
      recordLength: file.content.count / max(records, 1))
  }
}

/// Lets go of the pages of a mapped file that a part has passed, so that a large file and its columns are not in memory at once.
struct PassedPages {
  private let content: FileBytes
  private var start: Int
  private static let step = 1 << 22
  /// What is left at the end of a part is worth a call of the kernel from this size on.
  private static let rest = 1 << 20

  init(_ content: FileBytes, from start: Int) {
    self.content = content
    self.start = start
  }

  @inline(__always)
  mutating func pass(_ position: Int) {
    if position - start >= Self.step { drop(to: position) }
  }

  /// To be called at the end of a part.
  mutating func end(at position: Int) {
    if position - start >= Self.rest { drop(to: position) }
  }

  @inline(never)
  private mutating func drop(to position: Int) {
    content.forget(start..<position)
    start = position
  }
}

/// What becomes of each field of a record.
final class ReadingPlan {
  struct Step {
    /// Which of the requested columns the field belongs to; −1 where it is not asked for.
    var slot: Int
    /// How many fields from this one on are not asked for.
    var skips: Int
  }

  let width: Int
  let steps: UnsafeMutablePointer<Step>

  init(_ requests: [ColumnRequest], width: Int) {
    self.width = width
    steps = .allocate(capacity: width)
    steps.initialize(repeating: Step(slot: -1, skips: 0), count: width)
    for (slot, request) in requests.enumerated() { steps[request.position].slot = slot }
    for i in (0..<width).reversed() where steps[i].slot < 0 {
      steps[i].skips = 1 + (i + 1 < width ? steps[i + 1].skips : 0)
    }
  }

  deinit { steps.deallocate() }
}
