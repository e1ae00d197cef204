import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.dataspacetck.core.spi.boot.Monitor;
import org.eclipse.dataspacetck.core.system.ConsoleMonitor;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.store.Namespace;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.PostDiscoveryFilter;

import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs test cases of a data-space test kit and prints one line for each.
 *
 * Usage: java -cp CLASSPATH RunTck.java SETTINGS LAUNCHER PACKAGE [NAME_PREFIX...]
 *
 * A line is RESULT, outcome (passed, failed, aborted, disabled), milliseconds, test name and reason, with tabs between.
 * The last line is SUMMARY with the counts. The exit code is 0 when nothing failed, 1 otherwise, 2 when nothing ran.
 */
public final class RunTck {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        var settings = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(arguments[0]))) {
            settings.load(reader);
        }
        // The kit looks its settings up as system properties.
        settings.forEach((key, value) -> System.setProperty((String) key, (String) value));
        System.setProperty("dataspacetck.launcher", arguments[1]);

        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectPackage(arguments[2]))
                .filters(ClassNameFilter.includeClassNamePatterns(".*Test"));
        if (arguments.length > 3) {
            request.filters((PostDiscoveryFilter) test -> {
                var name = test.getDisplayName();
                for (int i = 3; i < arguments.length; i++) {
                    if (name.startsWith(arguments[i])) {
                        return FilterResult.included("asked for");
                    }
                }
                return FilterResult.includedIf(!test.isTest());
            });
        }

        // The kit's extension finds its monitor in the session's store.
        var monitor = new ConsoleMonitor(Boolean.getBoolean("dataspacetck.debug"), false);
        var session = new LauncherSessionListener() {
            @Override
            public void launcherSessionOpened(LauncherSession opened) {
                opened.getStore().put(Namespace.GLOBAL, Monitor.class.getName(), monitor);
            }
        };
        var config = LauncherConfig.builder().addLauncherSessionListeners(session).build();
        var report = new Report();
        LauncherFactory.create(config).execute(request.build(), report);
        // The kit's HTTP client keeps threads that would hold the process.
        System.exit(report.finish());
    }

    private static final class Report implements TestExecutionListener {
        private final Map<String, Long> began = new ConcurrentHashMap<>();
        private final Map<String, Integer> counts = new TreeMap<>();

        @Override
        public void executionStarted(TestIdentifier test) {
            began.put(test.getUniqueId(), System.nanoTime());
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            if (test.isTest()) {
                line(test, "disabled", reason);
            }
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            var reason = result.getThrowable().map(RunTck::explain).orElse("");
            switch (result.getStatus()) {
                case SUCCESSFUL -> {
                    if (test.isTest()) {
                        line(test, "passed", "");
                    }
                }
                // A container that fails takes its tests with it, so it is told too.
                case FAILED -> line(test, "failed", reason);
                case ABORTED -> line(test, "aborted", reason);
            }
        }

        private synchronized void line(TestIdentifier test, String outcome, String reason) {
            var start = began.get(test.getUniqueId());
            var millis = start == null ? 0 : (System.nanoTime() - start) / 1_000_000;
            counts.merge(outcome, 1, Integer::sum);
            OUT.println(String.join("\t", "RESULT", outcome, Long.toString(millis), flat(test.getDisplayName()), flat(reason)));
        }

        private synchronized int finish() {
            var total = counts.values().stream().mapToInt(Integer::intValue).sum();
            OUT.println("SUMMARY\t" + total + "\t" + counts);
            if (total == 0) {
                return 2;
            }
            return counts.containsKey("failed") || counts.containsKey("aborted") ? 1 : 0;
        }
    }

    private static String explain(Throwable thrown) {
        var text = new StringBuilder(String.valueOf(thrown));
        for (var cause = thrown.getCause(); cause != null && text.length() < 2000; cause = cause.getCause()) {
            text.append(" <- ").append(cause);
        }
        return text.toString();
    }

    private static String flat(String text) {
        return text == null ? "" : text.replaceAll("\\s+", " ").strip();
    }
}
