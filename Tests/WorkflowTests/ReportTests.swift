import Testing
import Workflow

@Suite struct ReportTests {
    /// The article's sample.
    static let sample = """
        ## Result: Feedback Endpoint

        **Status**: Complete
        **Lines added**: 95-138 in src/index.ts
        **Decisions**: Used crypto.randomUUID() for feedback ID, consistent with existing patterns
        **Tests needed**: POST with valid data, POST with invalid feedback_type, POST with nonexistent content_id
        **Issues**: None

        """

    @Test("the article's report is read and written as it is")
    func article() throws {
        let report = try Report(Self.sample)
        #expect(report.title == "Feedback Endpoint")
        #expect(report.status == .complete)
        #expect(report.linesAdded == "95-138 in src/index.ts")
        #expect(
            report.decisions == ["Used crypto.randomUUID() for feedback ID, consistent with existing patterns"])
        #expect(report.tests.count == 1)
        #expect(report.issues.isEmpty)
        #expect(report.text == Self.sample)
    }

    @Test("lists below a field, continued lines and other fields are understood, with every line end")
    func lists() throws {
        let text = """
            Here it is.

            # result: A
            - **Status:** PARTIAL
            **Decisions**:

            - one
              more
            - two
            * three

            **Tests needed**: first
            goes on

            A paragraph.
            **Other**: skipped
            **Issues**: none

            ```
            **Issues**: code
            ```

            ## Next
            **Status**: failed
            """
        for end in ["\n", "\r\n"] {
            let report = try Report(
                text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end))
            #expect(report.status == .partial)
            #expect(report.decisions == ["one more", "two", "three"])
            #expect(report.tests == ["first goes on", "A paragraph."])
            #expect(report.issues == ["none", "``` **Issues**: code ```"])
            #expect(report.linesAdded == nil)
            #expect(try Report(report.text) == report)
        }
    }

    @Test("what is no report is refused with its line and what is allowed")
    func refused() {
        #expect(throws: ReportError.noTitle) { try Report("**Status**: complete") }
        #expect(throws: ReportError.noStatus) { try Report("## Result: A\n**Issues**: None") }
        #expect(throws: ReportError.unknownStatus("done", line: 3)) { try Report("## Result: A\n\n**Status**: done") }
        #expect(throws: ReportError.repeatedField("Status", line: 3)) {
            try Report("## Result: A\n**Status**: failed\n**status**: complete")
        }
        #expect(ReportError.unknownStatus("done", line: 3).description.contains("complete, partial, failed"))
    }

    @Test("a random report is read back as it was written")
    func roundTrip() throws {
        for seed in documentSeeds() {
            var random = DocumentGenerator(seed: seed)
            let report = Report(
                title: random.line(), status: Report.Status.allCases.randomElement(using: &random) ?? .failed,
                linesAdded: Bool.random(using: &random) ? random.line() : nil, decisions: random.lines(),
                tests: random.lines(), issues: random.lines())
            #expect(try Report(report.text) == report, "seed \(seed)")
        }
    }
}
