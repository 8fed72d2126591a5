#!/usr/bin/perl
# Runs the SQL examples of a Markdown page in one psql session, and compares what
# they print with the text block that follows each. Also checks that the page
# names every function, table and view of the extension.
#
#   perl test/readme.pl README.md             compare
#   perl test/readme.pl --update README.md    write the answers into the page: read them!
use strict;
use warnings;

my $update = @ARGV && $ARGV[0] eq '--update' ? shift : 0;
my $page = shift or die "usage: readme.pl [--update] PAGE\n";
open my $in, '<:encoding(UTF-8)', $page or die "$page: $!\n";
my $text = do { local $/; <$in> };
close $in;
binmode STDOUT, ':encoding(UTF-8)';

my $mark = '=-=-= end of example =-=-=';
my $fence = qr/^```/m;
my @sql;
push @sql, $1 while $text =~ /^```sql\n(.*?)^```\n\n^```text\n/msg;
my $examples = () = $text =~ /^```sql$/mg;
die "$page: an SQL example has no answer behind it\n" if $examples != @sql || !@sql;

# One session for the whole page.
my $script = "$ENV{KRA_TEMP}/readme.sql" if $ENV{KRA_TEMP};
$script ||= "/tmp/readme.$$.sql";
open my $out, '>:encoding(UTF-8)', $script or die "$script: $!\n";
print $out "SET client_min_messages = warning;\nDROP EXTENSION IF EXISTS kra CASCADE;\nCREATE EXTENSION kra;\n",
    "SET timezone = 'UTC';\n\\echo $mark\n";
print $out "$_\n\\echo $mark\n" for @sql;
close $out;
my $printed = do {
    local $/;
    open my $psql, '-|:encoding(UTF-8)', "psql -X -q -v ON_ERROR_STOP=0 -f '$script' 2>&1"
        or die "psql: $!\n";
    <$psql>;
};
unlink $script;
my @got = split /^\Q$mark\E\n/m, $printed, -1;
die "$page: setting up failed:\n$printed" if @got != @sql + 2 || $got[0] ne '';
shift @got;

sub tidy { my $t = shift; $t =~ s/[ \t]+$//mg; $t =~ s/\(\d+ rows?\)\n//g; $t =~ s/\n{2,}/\n\n/g; $t =~ s/^\n+|\n+$//g; return $t }

my ($n, $bad) = (0, 0);
$text =~ s{^(```sql\n.*?^```\n\n```text\n)(.*?)^```$}{
    my ($before, $want, $have) = ($1, $2, tidy($got[$n++]));
    if (!$update && tidy($want) ne $have) {
        $bad++;
        print "--- example $n of $page prints:\n$have\n--- but the page says:\n", tidy($want), "\n";
    }
    if ($have =~ /^(psql:.*)?(ERROR|FATAL):/m) {
        $bad++;
        print "--- example $n of $page fails:\n$have\n";
    }
    "$before$have\n```"
}msge;

if ($update) {
    open my $file, '>:encoding(UTF-8)', $page or die "$page: $!\n";
    print $file $text;
    exit 0;
}

# Functions: not those behind types, casts, operators, aggregates and triggers. Tables and views.
my $names = `psql -X -Atq -c "SELECT DISTINCT 'function ' || p.proname FROM pg_proc p WHERE p.pronamespace = 'kra'::regnamespace
    AND p.prorettype <> 'trigger'::regtype AND p.proname !~ '_(in|out|send|recv|accum|combine|final|hash|hash_extended|eq|ne|lt|le|gt|ge|cmp|to_jsonb|rollup)\$'
    AND p.proname !~ '^jsonb_to_'
    UNION ALL SELECT 'relation ' || c.relname FROM pg_class c
    WHERE c.relnamespace IN ('kra'::regnamespace, 'kra_bi'::regnamespace) AND c.relkind IN ('r', 'v') ORDER BY 1"`;
my @names = split /\n/, $names;
for my $object (@names) {
    my ($name) = $object =~ /(\w+)$/;
    next if $text =~ /`$name[`(]/;
    $bad++;
    print "--- $object is not in the reference of $page\n";
}
print "$n examples, ", scalar @names, " names, $bad wrong\n";
$bad++ if !@names;
exit($bad ? 1 : 0);
